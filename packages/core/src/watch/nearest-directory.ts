// SPDX-License-Identifier: Apache-2.0
import { statSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { isMissing } from '../errors.ts';

/** A directory, and which one of those that had its path in the course of time. */
export interface ExistingDirectory {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * The directory itself if it exists, else the nearest one above it.
 * Synchronous, as it is asked for with each scan: a stat takes microseconds, and waking a thread for it ten times that.
 *
 * @throws Error of the file system that cannot tell.
 */
export function nearestDirectory(path: string): ExistingDirectory {
  for (let at = path; ; at = dirname(at)) {
    const stats = statsOf(at);
    if (stats?.isDirectory() === true) return { path: at, dev: stats.dev, ino: stats.ino };
  }
}

/** Whether the two are one directory and not one that took the place of the other. */
export function isSameDirectory(a: ExistingDirectory, b: ExistingDirectory | undefined): boolean {
  return a.path === b?.path && a.dev === b.dev && a.ino === b.ino;
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
