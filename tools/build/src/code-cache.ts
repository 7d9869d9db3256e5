// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { FakeKubelet, HostFixture, type FixtureTree } from '@kube-device-plugins/testkit';
import { fpgaHost } from './hosts/fpga-host.ts';
import { gpuHost } from './hosts/gpu-host.ts';
import { qatHost } from './hosts/qat-host.ts';

/** How long a plugin may take until it is ready. */
const readyLimitMs = 30_000;

/** How long a plugin may take to stop. Its own grace for calls in flight is 5 s. */
const stopLimitMs = 10_000;

/**
 * Runs the plugin of {@link writeWarmProgram} through one start and one Allocate on a host that has something for every plugin, and writes
 * what V8 has compiled by then beside it, to `main.cache`; then stops it. The cache holds as long as Node and V8's flags are the same.
 *
 * @returns bytes of the cache; undefined where the plugin does not start or does not stop in good order.
 */
export async function recordCodeCache(
  node: string,
  main: string,
  flags: readonly string[],
): Promise<number | undefined> {
  const cache = main.replace(/\.mjs$/, '.cache');
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
  try {
    const [script, url] = [main.replace(/\.mjs$/, '.js'), pathToFileURL(main).href];
    const recorder = `(${record.toString()})(${JSON.stringify({ script, url, cache })})`;
    if ((await runOnce([node, '-e', recorder, '--', main, ...flags], scratch)) !== 0) return undefined;
    return await stat(cache).then(
      ({ size }) => size,
      () => undefined,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Where a recorder finds the script, what it calls it and where the cache goes. */
interface Recording {
  readonly script: string;
  readonly url: string;
  readonly cache: string;
}

/** The program of the recording process, by its text: it loads the script as the launcher does, and waits to be told. */
function record({ script, url, cache }: Recording): void {
  const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const { Script } = process.getBuiltinModule('node:vm');
  const { cachedDataVersionTag, setFlagsFromString } = process.getBuiltinModule('node:v8');
  const version = cachedDataVersionTag();
  const program = new Script(readFileSync(script, 'latin1'), { filename: url });
  process.once('message', () => {
    // As they are at a start: a plugin that runs has changed them to keep its memory small, and the cache is of one set of flags.
    for (const flag of ['--semi-space-growth-factor=2', '--no-expose-gc']) setFlagsFromString(flag);
    if (cachedDataVersionTag() !== version) throw new Error('the plugin has changed further flags of V8');
    writeFileSync(cache, program.createCachedData());
    process.disconnect();
  });
  process.channel?.unref();
  void (program.runInThisContext() as (importMetaUrl: string) => Promise<void>)(url);
}

/** The exit code of a run against a kubelet and a host of its own, both in `scratch`. */
async function runOnce([file, ...args]: readonly [string, ...string[]], scratch: string): Promise<number | null> {
  const place = (name: string): string => join(scratch, name);
  await mkdir(place('host'));
  await new HostFixture(place('host')).add(sampleHost());
  await using kubelet = new FakeKubelet({ dir: place('plugins') });
  await kubelet.start();
  const where = ['-device-plugin-path', place('plugins'), '-cdi-dir', place('cdi'), '-prefix', place('host')];
  const child = spawn(file, [...args, ...where, '-metrics-bind-address', '127.0.0.1:0', '-v=1'], {
    cwd: scratch,
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  await Promise.race([useOnce(child, kubelet), exited]);
  return await stop(child, exited);
}

/** Something for every plugin to find. */
function sampleHost(): FixtureTree {
  return { ...gpuHost(1), ...qatHost(4), ...fpgaHost(), 'dev/kdp0': 'c 240:0\n' };
}

async function useOnce(child: ChildProcess, kubelet: FakeKubelet): Promise<void> {
  const address = child.stderr === null ? undefined : await metricsAddress(child.stderr);
  const deadline = AbortSignal.timeout(readyLimitMs);
  while (address !== undefined && !deadline.aborted && !(await isReady(address))) await pause(20);
  for (const { resource, devices } of kubelet.resources().values()) {
    const device = devices.find(({ health }) => health === 'Healthy');
    if (device !== undefined) await kubelet.describeDevice(resource, device.id);
  }
  if (!child.connected) return;
  child.send('record');
  await once(child, 'disconnect');
}

/** As the plugin logs it; undefined where it ends without. */
async function metricsAddress(log: Readable): Promise<string | undefined> {
  let address: string | undefined;
  const lines = createInterface({ input: log });
  for await (const line of lines) {
    address = /"serving metrics and health" address="([^"]+)"/.exec(line)?.[1];
    if (address !== undefined) break;
  }
  // Closed, the lines would keep the plugin waiting for a reader.
  log.resume();
  return address;
}

async function isReady(address: string): Promise<boolean> {
  return (await fetch(`http://${address}/readyz`)).ok;
}

async function stop(child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  const code = await exited;
  clearTimeout(impatience);
  return code;
}
