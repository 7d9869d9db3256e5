// SPDX-License-Identifier: Apache-2.0
import type { Stats } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { isMissing } from '../errors.ts';
import type { Host } from '../scan/host.ts';

/** What lies at a path. */
export interface PathFacts {
  readonly path: string;
  readonly kind: 'missing' | 'directory' | 'socket' | 'other' | 'unreadable';
  /** 0 for a directory that was deleted under a mount of it. */
  readonly links: number;
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
  /** Why this process may not write there, as access(2) says: `EACCES`, `EROFS`; undefined where it may. */
  readonly refusal: string | undefined;
  /** The nearest directory above it that is there, where it is missing itself. */
  readonly nearest?: string;
}

/** Looks at a path of the host, and asks whether this process may write there, which leaves nothing behind. */
export async function readPathFacts(files: Host, anyPath: string): Promise<PathFacts> {
  const path = posix.resolve('/', anyPath);
  try {
    const real = await files.realPath(path);
    if (real === undefined) return { ...nothing(path, 'missing'), nearest: await nearestAbove(files, path) };
    const place = files.path(real);
    const stats = await stat(place);
    const { nlink: links, uid, mode } = stats;
    const refusal = await access(place, constants.W_OK | (stats.isDirectory() ? constants.X_OK : 0)).then(
      () => undefined,
      codeOf,
    );
    return { path, kind: kindOf(stats), links, uid, mode: mode & 0o7777, refusal };
  } catch (error) {
    return isMissing(error) ? nothing(path, 'missing') : { ...nothing(path, 'unreadable'), refusal: codeOf(error) };
  }
}

function nothing(path: string, kind: 'missing' | 'unreadable'): PathFacts {
  return { path, kind, links: 0, uid: 0, mode: 0, refusal: undefined };
}

function kindOf(stats: Stats): PathFacts['kind'] {
  if (stats.isDirectory()) return 'directory';
  return stats.isSocket() ? 'socket' : 'other';
}

/** The code of a system error, `EACCES`, also where it is the cause of one of our own. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code)) return error.code;
  return error.cause === undefined ? error.message : codeOf(error.cause);
}

async function nearestAbove(files: Host, path: string): Promise<string> {
  const parent = posix.dirname(path);
  return parent === path || (await files.exists(parent)) ? parent : await nearestAbove(files, parent);
}
