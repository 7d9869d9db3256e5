// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';

/** Where Node Feature Discovery looks for label files. Source: Node Feature Discovery, "Local feature source". */
export const featuresDirectory = '/etc/kubernetes/node-feature-discovery/features.d';

/** What is wrong with a path of a file. */
export function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'must not hold a NUL character';
  return isAbsolute(path) && !path.endsWith('/') ? undefined : 'must be the absolute path of a file';
}

/** What is wrong with the time between two rounds. */
export function periodProblem(periodMs: number): string | undefined {
  return periodMs >= 1 && periodMs <= dayMs ? undefined : 'must be from 1ms to 24h';
}

const dayMs = 24 * 60 * 60 * 1_000;
