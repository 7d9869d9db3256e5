// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';

/** Symlinks that one path may lead over. Linux: MAXSYMLINKS, path_resolution(7). */
const maxLinks = 40;

/**
 * The real path of `path` below `root`, with symlinks resolved as chroot(2) would: an absolute one starts at `root`, and
 * `..` does not lead above it. Undefined when there is nothing. `root` must be a real path itself.
 *
 * The kernel resolves in one call what holds no absolute symlink, which is nearly everything; the rest is walked.
 */
export function resolveInRoot(root: string, path: string): string | undefined {
  const inRoot = posix.resolve('/', path);
  const native = nativeRealPath(posix.join(root, inRoot));
  if (native !== undefined && (native === root || native.startsWith(`${root}/`))) return native;
  return walk(root, inRoot);
}

function nativeRealPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function walk(root: string, path: string): string | undefined {
  const ahead = path.split('/').reverse();
  let behind = '/';
  let links = 0;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    const next = posix.join(behind, part);
    const stats = lstatSync(posix.join(root, next), { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isSymbolicLink()) {
      behind = next;
      continue;
    }
    links += 1;
    if (links > maxLinks) throw new RangeError(`more than ${maxLinks} symlinks on the way`);
    const target = readlinkSync(posix.join(root, next));
    if (target.startsWith('/')) behind = '/';
    ahead.push(...target.split('/').reverse());
  }
  return posix.join(root, behind);
}
