// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';

/** Symlinks that one path may lead over. Linux: MAXSYMLINKS, path_resolution(7). */
const maxLinks = 40;

/**
 * The real path of `path` below `root`, with symlinks resolved as chroot(2) would: an absolute one starts at `root`, and
 * `..` does not lead above it. Undefined when there is nothing. `root` must be a real path itself.
 *
 * The kernel resolves in one call what holds no absolute symlink, which is nearly everything, and so it does the directory of
 * an attribute that is not there, of which a scan asks for many; the rest is walked.
 */
export function resolveInRoot(root: string, path: string): string | undefined {
  const inRoot = posix.resolve('/', path);
  const native = nativeRealPath(root, inRoot);
  if (native !== undefined) return native;
  const directory = nativeRealPath(root, posix.dirname(inRoot));
  const isAbsent = directory !== undefined && !isThere(posix.join(directory, posix.basename(inRoot)));
  return isAbsent ? undefined : walk(root, inRoot);
}

/** Undefined when there is nothing, or when it is outside the root. */
function nativeRealPath(root: string, path: string): string | undefined {
  try {
    const real = realpathSync.native(posix.join(root, path));
    return real === root || real.startsWith(`${root}/`) ? real : undefined;
  } catch {
    return undefined;
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
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
