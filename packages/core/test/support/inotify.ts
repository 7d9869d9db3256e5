// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Inodes that this process watches with inotify, one list for each of its inotify instances (proc_pid_fdinfo(5)). */
export function inotifyInstances(): bigint[][] {
  return readdirSync('/proc/self/fd').filter(isInotify).map(watchedInodes);
}

/** How many inotify watches of this process lie on the directory or file. */
export function watchesOn(path: string): number {
  const { ino } = statSync(path, { bigint: true });
  return inotifyInstances()
    .flat()
    .filter((watched) => watched === ino).length;
}

function isInotify(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:inotify';
  } catch {
    return false;
  }
}

function watchedInodes(fd: string): bigint[] {
  const lines = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').matchAll(/^inotify wd:\w+ ino:(\w+)/gm);
  return [...lines].map(([, ino]) => BigInt(`0x${ino ?? ''}`));
}
