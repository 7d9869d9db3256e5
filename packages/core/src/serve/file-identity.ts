// SPDX-License-Identifier: Apache-2.0
import { lstatSync, type BigIntStats } from 'node:fs';

/**
 * What tells one file from the next one of its name. The inode alone does not: ext4 hands the number of
 * a deleted socket to the next one, so the time of the last change belongs to it.
 */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly ctimeNs: bigint;
}

/**
 * The identity of what lies at `path`, or undefined when nothing does or it cannot be looked at.
 * Synchronous on purpose: a stat of a local directory takes microseconds, a trip through the thread pool more.
 */
export function fileIdentity(path: string): FileIdentity | undefined {
  const stats = statsOf(path);
  return stats && { dev: stats.dev, ino: stats.ino, ctimeNs: stats.ctimeNs };
}

/** True when both are the same file, or both are nothing. */
export function isSameFile(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a?.dev === b?.dev && a?.ino === b?.ino && a?.ctimeNs === b?.ctimeNs;
}

/** Stats of the file itself, links not followed; undefined when there is none. */
export function statsOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
