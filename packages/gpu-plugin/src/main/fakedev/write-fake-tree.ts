// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { lstat, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DevicePluginError, isErrno, isMissing, log, makeDirectory } from '@kube-device-plugins/core';
import { linkLabelFile, type FakeEntry, type FakeNode, type FakeTree } from './fake-gpu-tree.ts';

/** How {@link writeFakeTree} writes. */
export interface FakeTreeOptions {
  /** Files with the text `c 1:3` stand for device nodes, which only root can make. */
  readonly nodeFiles: boolean;
  readonly verbose: boolean;
}

/**
 * Writes `sys`, `dev` and the label file of a fake node below a directory, in the place of those that are there.
 *
 * @throws DevicePluginError `FILE_WRITE`, with nothing changed, where a `sys` or `dev` looks as if it were a real one;
 *   and when something cannot be made.
 */
export async function writeFakeTree(
  directory: string,
  tree: FakeTree,
  options: FakeTreeOptions,
  signal: AbortSignal,
): Promise<void> {
  const [sys, dev] = [join(directory, 'sys'), join(directory, 'dev')];
  const sysEntries = await entriesOf(sys);
  const devEntries = await entriesOf(dev);
  if (sysEntries.length > maxFakeSysEntries) throw looksReal(sys, `it has more than ${maxFakeSysEntries} entries`);
  if (devEntries.some((name) => name !== 'dri')) throw looksReal(dev, 'it has more in it than dri');
  for (const [path, entries] of [[sys, sysEntries] as const, [dev, devEntries] as const]) {
    if (entries.length > 0) log.warn('removing what is there', { path });
    await rm(path, { recursive: true, force: true });
  }
  await rm(join(directory, linkLabelFile), { force: true });
  for (const [path, entry] of Object.entries(tree)) {
    signal.throwIfAborted();
    if (options.verbose) log.info('making', { path });
    await put(join(directory, path), entry, options.nodeFiles);
  }
}

/** bus, class and kernel. Upstream: cmd/gpu_fakedev, the same bound. */
const maxFakeSysEntries = 3;

/** Nothing is removed behind a link. */
async function entriesOf(path: string): Promise<string[]> {
  try {
    if (!(await lstat(path)).isDirectory()) throw looksReal(path, 'it is no directory');
    return await readdir(path);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function looksReal(path: string, reason: string): DevicePluginError {
  const remedy = 'run it in a directory of its own, or remove that yourself';
  return new DevicePluginError(
    'FILE_WRITE',
    `${path} is not replaced, as it is not one of mine (${reason}): ${remedy}`,
  );
}

async function put(path: string, entry: FakeEntry, nodeFiles: boolean): Promise<void> {
  await makeDirectory(dirname(path));
  if (typeof entry === 'string') await writeFile(path, entry);
  else if (entry.kind === 'dir') await makeDirectory(path);
  else if (entry.kind === 'link') await symlink(entry.target, path);
  else if (nodeFiles) await writeFile(path, `${entry.type} ${entry.major}:${entry.minor}\n`);
  else await makeNode(path, entry);
}

/** Node.js cannot make device nodes itself. Everybody may read and write this one: it is /dev/null. */
async function makeNode(path: string, { type, major, minor }: FakeNode): Promise<void> {
  try {
    await promisify(execFile)('mknod', ['-m', '666', path, type, String(major), String(minor)]);
  } catch (error) {
    const remedy = isErrno(error, 'ENOENT')
      ? 'there is no program mknod: use an image with coreutils or busybox'
      : 'run it as root with CAP_MKNOD, not in a user namespace';
    const message = `cannot make the device node ${path}: ${remedy}; or use -node-files, which is enough for a plugin with -prefix`;
    throw new DevicePluginError('FILE_WRITE', message, { cause: error });
  }
}
