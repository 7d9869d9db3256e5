// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StartOptions } from '../src/options.ts';
import { start, type Surroundings } from '../src/start.ts';
import { FakeInput, FakeOutput } from './fake-terminal.ts';
import { createWorld, isAlive, pluginFile, type World } from './world.ts';

let world: World;
let stopping: AbortController;

beforeEach(async () => {
  world = await createWorld();
  stopping = new AbortController();
});

afterEach(async () => {
  expect(await world.end(), 'left behind').toEqual([]);
});

const never = new AbortController().signal;

function options(overrides: Partial<StartOptions> = {}): StartOptions {
  return {
    help: false,
    once: false,
    kubelet: false,
    kubeletDirectory: '/nowhere',
    plugin: pluginFile,
    pluginArguments: [],
    ...overrides,
  };
}

/** Output into a pipe, and no input. */
function pipes() {
  const output = Object.assign(new FakeOutput(), { isTTY: false });
  return { output, surroundings: { stdin: Object.assign(new FakeInput(), { isTTY: false }), stdout: output, env: {} } };
}

async function shows(output: FakeOutput, text: string | RegExp): Promise<void> {
  await expect.poll(() => output.written).toMatch(text);
}

describe('start() with --once', () => {
  it('allocates a device and prints the table and what the container got', async () => {
    const { output, surroundings } = pipes();
    await start(options({ once: true }), surroundings, never);
    expect(output.written).toMatch(
      /^simple-plugin \(pid \d+\) with the embedded kubelet in \S+\n\nRESOURCE +DEVICE ID +HEALTH +NUMA NODE +HOST NODES +ALLOCATED TO\n/,
    );
    expect(output.written).toMatch(/ demo-1\/main\n/);
    expect(output.written).toMatch(
      /\nContainer main of pod demo-1 got \S+ \S+:\n {2}device nodes .*\n(?: +.*\n)*? {2}environment .*\n(?: +.*\n)*? {2}mounts +none\n/,
    );
    expect(output.written).not.toContain('\x1b');
    expect(isAlive(Number(/pid (\d+)/.exec(output.written)?.[1]))).toBe(false);
  });

  it('tells of a kubelet on the host, and leaves it alone', async () => {
    const kubelet = new FakeKubelet({ dir: await mkdtemp(join(world.directory, 'k')) });
    await using stack = new AsyncDisposableStack();
    stack.use(kubelet);
    await kubelet.start();
    const { output, surroundings } = pipes();
    const kubeletDirectory = join(kubelet.socketPath, '..');
    await start(options({ once: true, kubeletDirectory }), surroundings, never);
    expect(output.written).toContain(
      `\nnpm start -- --kubelet --kubelet-dir ${kubeletDirectory} registers with the kubelet of this host, which answers on ${kubelet.socketPath}\n`,
    );
    expect(kubelet.calls).toEqual([]);
  });

  it('rejects when it is interrupted', async () => {
    const file = await world.program(
      'setInterval(() => {}, 1000); console.log("{}"); process.on("SIGTERM", () => process.exit(0));',
    );
    const { surroundings } = pipes();
    const reason = new Error('interrupted');
    const running = start(options({ once: true, plugin: file }), surroundings, stopping.signal);
    setTimeout(() => stopping.abort(reason), 100);
    await expect(running).rejects.toBe(reason);
  });
});

describe('start() of a plugin that warns', () => {
  /** The simple plugin, with a warning before all else. */
  async function warningPlugin(): Promise<string> {
    const warning = JSON.stringify({ level: 40, msg: 'careful', path: '/x' });
    return world.program(`console.error('${warning}'); await import(${JSON.stringify(pluginFile)});`);
  }

  it('shows with --once what it warned of', async () => {
    const { output, surroundings } = pipes();
    await start(options({ once: true, plugin: await warningPlugin() }), surroundings, never);
    expect(output.written).toMatch(/\n\nplugin: careful: path=\/x\n$/);
  });

  it('shows in a pipe what it warned of before the table', async () => {
    const { output, surroundings } = pipes();
    const running = start(options({ plugin: await warningPlugin() }), surroundings, stopping.signal);
    await shows(output, /ALLOCATED TO\n(?:.*\n)+\n\+\d\.\d s +plugin: careful: path=\/x/);
    stopping.abort();
    await running;
  });
});

describe('start() into a pipe', () => {
  it('prints the table once, and fails when the plugin dies', async () => {
    const { output, surroundings } = pipes();
    const running = start(options(), surroundings, stopping.signal);
    await shows(output, /simple-device-\S*-1 +Healthy/);
    const pid = Number(/pid (\d+)/.exec(output.written)?.[1]);
    process.kill(pid, 'SIGKILL');
    await expect(running).rejects.toThrow('the plugin was ended by SIGKILL');
    expect(output.written.match(/^RESOURCE/gm)).toHaveLength(1);
    expect(output.written).not.toContain('\x1b');
  });

  it('resolves when it is ended, early or late', async () => {
    const early = start(options(), pipes().surroundings, AbortSignal.abort());
    await early;
    const { output, surroundings } = pipes();
    const running = start(options(), surroundings, stopping.signal);
    await shows(output, 'ALLOCATED TO');
    stopping.abort();
    await running;
  });
});

describe('start() on a terminal', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ])('shows the live table, and says when all is over (%j)', async (env, isColoured) => {
    const stdin = new FakeInput();
    const stdout = new FakeOutput();
    const surroundings: Surroundings = { stdin, stdout, env };
    const running = start(options(), surroundings, never);
    await expect.poll(() => stdout.text).toMatch(/simple-device-\S*-1 +Healthy/);
    expect(stdout.written.includes('\x1b[32mHealthy')).toBe(isColoured);
    stdin.type('q');
    await running;
    expect(stdout.written).toContain('\x1b[?1049lStopped: ');
  });

  it('moves no cursor on a dumb one', async () => {
    const stdout = new FakeOutput();
    const running = start(options(), { stdin: new FakeInput(), stdout, env: { TERM: 'dumb' } }, stopping.signal);
    await shows(stdout, 'ALLOCATED TO');
    stopping.abort();
    await running;
    expect(stdout.written).not.toContain('\x1b');
  });
});

describe('start() with --kubelet', () => {
  it('registers with that kubelet and reads along, also after it was restarted', async () => {
    await using stack = new AsyncDisposableStack();
    const kubeletDirectory = await mkdtemp(join(world.directory, 'k'));
    const kubelet = stack.use(new FakeKubelet({ dir: kubeletDirectory }));
    await kubelet.start();
    const { output, surroundings } = pipes();
    const running = start(options({ kubelet: true, kubeletDirectory }), surroundings, stopping.signal);
    await shows(output, /simple-device-\S*-1 +Healthy +- +- +-\n/);
    expect(output.written).toContain(`with the host's kubelet in ${kubeletDirectory}\n`);
    await kubelet.waitFor({ resource: 'example.com/simple-device', state: 'connected', capacity: 2 });

    await kubelet.restart('graceful', { downMs: 50 });
    await kubelet.waitFor({ resource: 'example.com/simple-device', state: 'connected', capacity: 2 });
    await shows(
      output,
      /\n\n\+[^]* example.com\/simple-device registered\n[^]* example.com\/simple-device listed 2 devices\n/,
    );
    stopping.abort();
    await running;
    expect(
      (await readdir(kubeletDirectory)).filter((name) => name.endsWith('.sock') && name !== 'kubelet.sock'),
    ).toEqual([]);
  });

  it('names the socket and the remedy when no kubelet answers', async () => {
    const running = start(options({ kubelet: true, kubeletDirectory: '/nowhere' }), pipes().surroundings, never);
    await expect(running).rejects.toThrow(/^no kubelet answers on \/nowhere\/kubelet.sock: .* leave --kubelet out/);
  });
});
