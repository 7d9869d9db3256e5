// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import { compileName, deviceDirectory, hasWildcard, isBelowDev } from '../options/path-pattern.ts';

/** What a pattern stands for at the moment. */
export interface Expansion {
  /** Behind the last wildcard of the pattern there may be anything or nothing. */
  readonly paths: readonly string[];
  /** The directories in which something that matches may come or go. */
  readonly directories: readonly string[];
}

/** Expands the wildcards of a path. Of a path without any, itself and the directory that it is in. */
export async function expandPath(host: Host, pattern: string): Promise<Expansion> {
  const directories = new Set<string>();
  let paths: string[] = [''];
  for (const part of pattern.split('/').slice(1)) {
    if (!hasWildcard(part)) {
      paths = paths.map((path) => `${path}/${part}`);
      continue;
    }
    const matching: string[] = [];
    for (const directory of paths) {
      const names = await matchesIn(host, directory, part);
      if (names === undefined) continue;
      directories.add(directory || '/');
      matching.push(...names.map((name) => `${directory}/${name}`));
    }
    paths = matching;
  }
  for (const path of paths) directories.add(path.slice(0, path.lastIndexOf('/')) || '/');
  return { paths, directories: [...directories] };
}

/** Nothing for a directory below /dev that leads out of it, as /dev/fd does: what is listed there is none of our business. */
async function matchesIn(host: Host, directory: string, pattern: string): Promise<readonly string[] | undefined> {
  const listed = directory || '/';
  const real = await host.realPath(listed);
  if (real !== undefined && isDev(listed) && !isDev(real)) return undefined;
  return real === undefined ? [] : (await host.list(real)).filter(compileName(pattern));
}

function isDev(path: string): boolean {
  return path === deviceDirectory || isBelowDev(path);
}
