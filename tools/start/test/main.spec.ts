// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, isAlive, pluginFile, type World } from './world.ts';

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  expect(await world.end(), 'left behind').toEqual([]);
});

/** A run of the program, in a process group of its own as a shell would start it. */
class Run {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [mainFile, ...args], { detached: true });
    this.child.stdout.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
  }

  /** Resolves with the exit status, when the process is gone and all its output is here. */
  async ended(): Promise<number | null> {
    const [status] = (await once(this.child, 'close')) as [number | null];
    return status;
  }

  async shows(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.stdout).toMatch(text);
  }

  get pluginPid(): number {
    return Number(/pid (\d+)/.exec(this.stdout)?.[1]);
  }
}

describe('npm start -- --once', () => {
  it('allocates a device, prints what the container gets, and leaves nothing', async () => {
    const run = new Run('--once', '--plugin', pluginFile);
    expect(await run.ended()).toBe(0);
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^RESOURCE .* ALLOCATED TO$/m);
    expect(run.stdout).toMatch(/^Container main of pod demo-1 got \S+ \S+:$/m);
    expect(run.stdout).toMatch(/^ {2}device nodes /m);
    expect(run.stdout).not.toContain('\x1b');
    expect(isAlive(run.pluginPid)).toBe(false);
  });

  it('fails with the last words of a plugin that ends', async () => {
    const run = new Run(
      '--once',
      '--plugin',
      await world.program('console.error("no devices today"); process.exit(4);'),
    );
    expect(await run.ended()).toBe(1);
    expect(run.stderr).toBe('npm start: the plugin ended with exit status 4; the last it said:\n  no devices today\n');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is not done when %s interrupts it', async (signal, status) => {
    const silent = await world.program(
      `import { writeFileSync } from 'node:fs';
       process.on('SIGTERM', () => process.exit(0));
       setInterval(() => {}, 1000);
       writeFileSync(new URL('started', import.meta.url), '');`,
    );
    const run = new Run('--once', '--plugin', silent);
    await expect.poll(() => existsSync(join(world.directory, 'started'))).toBe(true);
    run.child.kill(signal);
    expect(await run.ended()).toBe(status);
    expect(run.stderr).toBe('');
  });
});

describe('npm start', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends by %s, and leaves nothing', async (signal) => {
    const run = new Run('--plugin', pluginFile);
    await run.shows(/simple-device-\S*-1 +Healthy/);
    expect(isAlive(run.pluginPid)).toBe(true);
    run.child.kill(signal);
    expect(await run.ended()).toBe(0);
    expect(isAlive(run.pluginPid)).toBe(false);
    expect(run.stderr).toBe('');
  });

  it('ends by Ctrl-C, which reaches the whole process group, twice if need be', async () => {
    const run = new Run('--plugin', pluginFile);
    await run.shows(/simple-device-\S*-1 +Healthy/);
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    expect(await run.ended()).toBe(0);
    expect(isAlive(run.pluginPid)).toBe(false);
  });

  it('ends with the shell that npm started it by, which passes no signal on', async () => {
    const command = `"${process.execPath}" "${mainFile}" --plugin "${pluginFile}"; true`;
    const shell = spawn('sh', ['-c', command]);
    let output = '';
    shell.stdout.on('data', (data: Buffer) => (output += data.toString()));
    await expect.poll(() => output).toMatch(/simple-device-\S*-1 +Healthy/);
    shell.kill('SIGTERM');
    // The pipe closes when the last of its writers has ended.
    await once(shell, 'close');
    expect(isAlive(Number(/pid (\d+)/.exec(output)?.[1]))).toBe(false);
  });

  it('ends when nobody reads its output', async () => {
    const run = new Run('--plugin', pluginFile);
    run.child.stdout.destroy();
    expect(await run.ended()).toBe(0);
    expect(run.stderr).toBe('');
  });

  it('prints its options, which is no error', async () => {
    const run = new Run('--help');
    expect(await run.ended()).toBe(0);
    expect(run.stdout).toMatch(/^Usage: npm start/);
    expect(run.stderr).toBe('');
  });

  it('refuses an option that it does not know', async () => {
    const run = new Run('--nonsense');
    expect(await run.ended()).toBe(2);
    expect(run.stderr).toMatch(/^npm start: .*--nonsense.*\nnpm start -- --help lists the options.\n$/);
    expect(run.stdout).toBe('');
  });

  it('fails without the kubelet that it was told to use', async () => {
    const run = new Run('--kubelet', '--kubelet-dir', world.directory);
    expect(await run.ended()).toBe(1);
    expect(run.stderr).toBe(
      `npm start: no kubelet answers on ${world.directory}/kubelet.sock: start one (as a rule only root may connect to it), name its directory by --kubelet-dir, or leave --kubelet out to have the embedded one\n`,
    );
  });
});
