// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { FakeKubelet, RunningPlugin } from '@kube-device-plugins/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CliContext } from '../src/cli-context.ts';
import { runCli } from '../src/run-cli.ts';
import { aDevice, aResource, aStatus } from './a-status.ts';

const resource = 'example.com/simple-device';

/** A run of kdp, and all that it printed. */
class Run {
  out = '';
  errors = '';
  readonly stop = new AbortController();
  readonly exitCode: Promise<number>;
  type: (keys: string) => void = () => undefined;
  resize: () => void = () => undefined;

  constructor(args: readonly string[], size?: { readonly columns: number; readonly rows: number }) {
    const context: CliContext = {
      env: { NO_COLOR: '1' },
      signal: this.stop.signal,
      print: (text) => (this.out += typeof text === 'string' ? text : Buffer.from(text).toString()),
      printError: (text) => (this.errors += text),
      terminal: size && { columns: () => size.columns, rows: () => size.rows },
      onKeys: (listener) => (this.type = listener),
      onResize: (listener) => (this.resize = listener),
    };
    this.exitCode = runCli(args, context);
  }

  /** What a person has seen. */
  get text(): string {
    return stripVTControlCharacters(this.out);
  }
}

describe('kdp top of a real plugin', () => {
  let dir: string;
  let kubelet: FakeKubelet;
  let plugin: RunningPlugin;
  let address: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kdp-'));
    kubelet = new FakeKubelet({ dir: join(dir, 'device-plugins'), podResourcesDir: join(dir, 'pod-resources') });
    await kubelet.start();
    const main = join(import.meta.dirname, '../../simple-plugin/src/main.ts');
    const paths = ['-device-plugin-path', join(dir, 'device-plugins'), '-cdi-dir', join(dir, 'cdi'), '-v', '1'];
    const command = [process.execPath, main, ...paths, '-metrics-bind-address', '127.0.0.1:0'] as const;
    plugin = new RunningPlugin([...command], { NODE_NAME: 'n' });
    await kubelet.waitFor({ resource, devices: 2 });
    await kubelet.admit({ pod: 'p', namespace: 'ns', containers: [{ name: 'c', limits: { [resource]: 2 } }] });
    const hasBegun = (): void => expect(plugin.stderr).toMatch(/serving metrics and health.*127\.0\.0\.1:\d+/);
    await vi.waitFor(hasBegun, { timeout: 10_000 });
    address = /127\.0\.0\.1:\d+/.exec(plugin.stderr)?.[0] ?? '';
  });

  afterAll(async () => {
    await plugin.stop();
    await kubelet.stop();
    await rm(dir, { recursive: true });
  });

  it('shows what there is, and who has it', async () => {
    const run = new Run(['top', '--once', '--address', address]);
    await expect(run.exitCode).resolves.toBe(0);
    expect(run.out).toMatch(/^simple-plugin \S+ at http:\/\/127\.0\.0\.1:\d+\/, started \d+ s ago: ready\n/);
    expect(run.out).toMatch(/^example\.com\/simple-device +ready +2 +2 +0 +0 +1 +0$/m);
    expect(run.out).toMatch(/^simple-device-n-1 +Healthy +- +ns\/p\/c +- +-$/m);
  });

  it('prints the same as JSON, with pods of the socket that it is told', async () => {
    const socket = join(dir, 'pod-resources/kubelet.sock');
    const run = new Run(['top', '--once', '-o', 'json', '--address', address, '--pod-resources', socket]);
    await expect(run.exitCode).resolves.toBe(0);
    const user = { namespace: 'ns', pod: 'p', container: 'c' };
    expect(JSON.parse(run.out)).toMatchObject({
      plugins: [{ resources: [{ name: resource, devices: [{ users: [user] }, { users: [user] }] }] }],
    });
  });

  it('says that the socket of the kubelet is not there', async () => {
    const run = new Run(['top', '--once', '--address', address, '--pod-resources', join(dir, 'none')]);
    await expect(run.exitCode).resolves.toBe(1);
    expect(run.errors).toMatch(/PodResourcesLister\/List on .*none failed.*ENOENT/);
  });

  it('is a program of its own', () => {
    const main = join(import.meta.dirname, '../src/main.ts');
    const { status, stdout } = spawnSync(process.execPath, [main, 'top', '--once', '--address', address], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain('example.com/simple-device');
  });

  it.each([
    ['SIGTERM', [130, null]],
    ['closed pipe', [130, null]],
  ] as const)('looks again and again without a terminal, until %s', async (end, exit) => {
    const main = join(import.meta.dirname, '../src/main.ts');
    const args = ['top', '-o', 'json', '--interval', '100ms', '--address', address];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(child, 'close');
    const errors = text(child.stderr);
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    await expect.poll(() => out.split('\n').length, { timeout: 30_000 }).toBeGreaterThan(3);
    if (end === 'SIGTERM') child.kill(end);
    else child.stdout.destroy();
    expect(await exited).toEqual(exit);
    expect(await errors).toBe('');
  });
});

describe('kdp top', () => {
  let answer: { readonly status: number; readonly text: string };
  let server: Server | undefined;
  let port = 0;

  async function serve(): Promise<void> {
    server = createServer((request, response) => {
      const isStatus = request.url === '/status.json';
      response.writeHead(isStatus ? answer.status : 404).end(isStatus ? answer.text : '');
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }

  async function stopServing(): Promise<void> {
    server?.closeAllConnections();
    if (server?.listening === true) await once(server.close(), 'close');
  }

  const args = (...more: string[]): string[] => [
    'top',
    '--interval',
    '100ms',
    '--address',
    `http://127.0.0.1:${port}`,
    ...more,
  ];
  const statusWith = (id: string) => ({
    status: 200,
    text: JSON.stringify(aStatus([aResource('a/b', [aDevice(id)])])),
  });

  beforeAll(serve);
  afterEach(async () => {
    await stopServing();
    await serve();
  });
  afterAll(stopServing);

  it('draws again what changes, and gives the terminal back when q is pressed', async () => {
    answer = statusWith('first');
    const run = new Run(args(), { columns: 100, rows: 20 });
    await expect.poll(() => run.text).toContain('first');
    answer = statusWith('second');
    await expect.poll(() => run.text).toContain('second');
    expect(run.text.split('RESOURCE')).toHaveLength(2);
    run.resize();
    expect(run.text.split('RESOURCE')).toHaveLength(3);
    run.type('q');
    await expect(run.exitCode).resolves.toBe(0);
    expect(run.out.startsWith('\x1b[?1049h\x1b[?25l')).toBe(true);
    expect(run.out.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  });

  it('goes on with what it knows when the plugin goes away, says so, and sees it come back', async () => {
    answer = statusWith('before');
    const run = new Run(args(), { columns: 100, rows: 20 });
    await expect.poll(() => run.text).toContain('before');
    await stopServing();
    await expect.poll(() => run.text).toMatch(/trying again: no status from http\S+: /);
    answer = statusWith('after');
    await serve();
    await expect.poll(() => run.text).toContain('after');
    run.type('\x03');
    await expect(run.exitCode).resolves.toBe(0);
  });

  it('prints all of it each time where there is no terminal, until it is interrupted', async () => {
    answer = statusWith('x');
    const run = new Run(args());
    await expect.poll(() => run.out.split('a/b').length).toBeGreaterThan(3);
    answer = { status: 503, text: '' };
    await expect.poll(() => run.errors).toMatch(/^trying again: no status.*HTTP status 503\n/);
    const lines = run.errors;
    answer = statusWith('y');
    await expect.poll(() => run.out).toContain('y   ');
    expect(run.errors).toBe(lines);
    run.stop.abort();
    await expect(run.exitCode).resolves.toBe(130);
    expect(run.out).not.toContain('\x1b');
  });

  it('prints JSON line by line', async () => {
    answer = statusWith('x');
    const run = new Run(args('-o', 'json'), { columns: 100, rows: 20 });
    await expect.poll(() => run.out.split('\n').length).toBeGreaterThan(3);
    run.stop.abort();
    await run.exitCode;
    for (const line of run.out.trim().split('\n')) expect(JSON.parse(line)).toEqual(JSON.parse(answer.text));
  });

  it.each([
    [{ status: 404, text: 'there are /healthz, /readyz and /metrics\n' }, 'HTTP status 404'],
    [{ status: 200, text: '<html>' }, 'not valid JSON'],
    [{ status: 200, text: '{}' }, 'this is no status of a plugin'],
    [{ status: 200, text: 'x'.repeat(17 * 1024 * 1024) }, 'the answer is longer than'],
  ])('fails when it looks once and is answered with %o', async (given, problem) => {
    answer = given;
    const run = new Run(args('--once'));
    await expect(run.exitCode).resolves.toBe(1);
    expect(run.errors).toMatch(/^no status from http/);
    expect(run.errors).toContain(problem);
  });

  it.each([
    ['--interval', '3'],
    ['--interval', '1ms'],
    ['--address', 'ftp://x'],
    ['--address', '::'],
    ['-o', 'xml'],
  ])('takes no %s %s', async (option, value) => {
    const run = new Run(['top', option, value]);
    await expect(run.exitCode).resolves.toBe(2);
    expect(run.errors).toContain(option);
  });
});
