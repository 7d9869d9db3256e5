// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { FakeKubelet } from '@kube-device-plugins/testkit';

/** How long a plugin may take until it is ready. */
const readyLimitMs = 30_000;

/** How long a plugin may take to stop. Its own grace for calls in flight is 5 s. */
const stopLimitMs = 10_000;

/**
 * Runs a plugin (`[process.execPath, 'dist/gpu-plugin/main.mjs']`) through one start, one Allocate, one reading of its health and
 * metrics and one stop, so that V8 compiles what these need, and keeps what it compiled in `cache`. Node finds it there by
 * `NODE_COMPILE_CACHE` as long as Node itself, its flags, the features of the processor and the way from `cache` to the program are
 * the same (NODE_COMPILE_CACHE_PORTABLE), and the user is root.
 *
 * @returns bytes of the cache; undefined, with nothing written, where the plugin does not start or does not stop in good order.
 * Source: Node.js documentation, "Module compile cache"; src/compile_cache.cc for the folder's name.
 */
export async function writeCompileCache(
  command: readonly [string, ...string[]],
  cache: string,
): Promise<number | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
  try {
    if ((await runOnce(command, cache, scratch)) === 0) {
      await fileUnderRoot(cache);
      return await bytesIn(cache);
    }
    await rm(cache, { recursive: true, force: true });
    return undefined;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The exit code of a run against a kubelet and a host of its own, both in `scratch`. */
async function runOnce(
  [file, ...args]: readonly [string, ...string[]],
  cache: string,
  scratch: string,
): Promise<number | null> {
  const place = (name: string): string => join(scratch, name);
  await mkdir(place('host'));
  await using kubelet = new FakeKubelet({ dir: place('plugins') });
  await kubelet.start();
  const where = ['-device-plugin-path', place('plugins'), '-cdi-dir', place('cdi'), '-prefix', place('host')];
  const child = spawn(file, [...args, ...where, '-metrics-bind-address', '127.0.0.1:0', '-v=1'], {
    cwd: scratch,
    env: { NODE_COMPILE_CACHE: cache, NODE_COMPILE_CACHE_PORTABLE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  await Promise.race([useOnce(child.stderr, kubelet), exited]);
  return await stop(child, exited);
}

/** A plugin that finds no devices is ready without any: a start is what it has compiled then. */
async function useOnce(log: Readable, kubelet: FakeKubelet): Promise<void> {
  const address = await metricsAddress(log);
  const deadline = AbortSignal.timeout(readyLimitMs);
  while (address !== undefined && !deadline.aborted && !(await isReady(address))) await pause(20);
  for (const { resource, devices } of kubelet.resources().values()) {
    const device = devices.find(({ health }) => health === 'Healthy');
    if (device !== undefined) await kubelet.describeDevice(resource, device.id);
  }
  if (address !== undefined) await (await fetch(`http://${address}/metrics`)).text();
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

/** Node files a cache under version, processor and user; device plugins run as root, builds often do not. */
async function fileUnderRoot(cache: string): Promise<void> {
  for (const folder of await readdir(cache)) {
    const rooted = folder.replace(/-\d+$/, '-0');
    if (rooted !== folder) await rename(join(cache, folder), join(cache, rooted));
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
