// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from '../errors.ts';

/** A directory, and which one of those that had its path in the course of time. */
export interface ExistingDirectory {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** The directory itself if it exists, else the nearest one above it. Rejects when the file system cannot tell. */
export async function nearestDirectory(path: string): Promise<ExistingDirectory> {
  for (let at = path; ; at = dirname(at)) {
    const stats = await stat(at, { bigint: true }).catch(undefinedIfMissing);
    if (stats?.isDirectory() === true) return { path: at, dev: stats.dev, ino: stats.ino };
  }
}

/** Whether the two are one directory and not one that took the place of the other. */
export function isSameDirectory(a: ExistingDirectory, b: ExistingDirectory | undefined): boolean {
  return a.path === b?.path && a.dev === b.dev && a.ino === b.ino;
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
