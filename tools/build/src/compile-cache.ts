// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet } from '@kube-device-plugins/testkit';

/** How long a plugin may take to list devices; one that finds none is stopped then. */
const listLimitMs = 10_000;

/** How long a plugin may take to stop. Its own grace for calls in flight is 5 s. */
const stopLimitMs = 10_000;

/**
 * Runs `main` through one start, one Allocate and one stop, so that V8 compiles what these need, and keeps what it compiled in
 * `cache`. Node finds it there by `NODE_COMPILE_CACHE` as long as Node itself, the features of the processor and the way from
 * `cache` to `main` are the same (NODE_COMPILE_CACHE_PORTABLE), and the user is root.
 *
 * @param startFlags - beside those that every plugin has.
 * @returns bytes of the cache; undefined, with nothing written, where `main` does not start or does not stop in good order.
 * Source: Node.js documentation, "Module compile cache"; src/compile_cache.cc for the folder's name.
 */
export async function writeCompileCache(
  main: string,
  cache: string,
  startFlags: readonly string[],
): Promise<number | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
  try {
    if ((await runOnce(main, cache, scratch, startFlags)) === 0) {
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
  main: string,
  cache: string,
  scratch: string,
  startFlags: readonly string[],
): Promise<number | null> {
  const [plugins, host, cdi] = ['plugins', 'host', 'cdi'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(host);
  await using kubelet = new FakeKubelet({ dir: plugins });
  await kubelet.start();
  const flags = [
    '-device-plugin-path',
    plugins,
    '-cdi-dir',
    cdi,
    '-prefix',
    host,
    '-metrics-bind-address',
    '127.0.0.1:0',
    ...startFlags,
  ];
  const child = spawn(process.execPath, [main, ...flags], {
    cwd: scratch,
    env: { NODE_COMPILE_CACHE: cache, NODE_COMPILE_CACHE_PORTABLE: '1' },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  await Promise.race([allocateOne(kubelet), exited]);
  return await stop(child, exited);
}

async function allocateOne(kubelet: FakeKubelet): Promise<void> {
  const isListed = (): boolean => [...kubelet.resources().values()].some(({ allocatable }) => allocatable > 0);
  // Nothing to wait for on a machine without such devices: a start is what it has compiled.
  await kubelet.waitFor(isListed, { timeoutMs: listLimitMs }).catch(() => undefined);
  for (const { resource, devices } of kubelet.resources().values()) {
    const device = devices.find(({ health }) => health === 'Healthy');
    if (device !== undefined) await kubelet.describeDevice(resource, device.id);
  }
}

async function stop(child: ChildProcess, exited: Promise<[number | null]>): Promise<number | null> {
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  const [code] = await exited;
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
