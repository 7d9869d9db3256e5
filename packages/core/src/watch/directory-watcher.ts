// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { WatchedDirectory, type DirectoryEvent, type WatchLimits } from './watched-directory.ts';

/** The directories watched by this process. However many they are, libuv has one inotify instance for all of them. */
const directories = new Map<string, WatchedDirectory>();

/**
 * Calls `onChange` for each event in a directory, some 0.2 ms after it, and with kind `armed` each time that the watch
 * comes to stand and events may have been missed before: look again then.
 *
 * The directory need not exist, and may be deleted and come back. Never throws and never gives up: where no watch
 * is possible one line of the log says so, and callers go on with the polling that each of them does besides.
 * The watch does not keep the process alive. Returns how to stop it.
 *
 * @param limits - where the usual ones do not fit; those of the first caller count for all who watch the directory.
 */
export function watchDirectory(
  path: string,
  onChange: (event: DirectoryEvent) => void,
  limits?: WatchLimits,
): () => void {
  const key = resolve(path);
  const directory = directories.get(key) ?? new WatchedDirectory(key, limits);
  directories.set(key, directory);
  const leave = directory.join(onChange);
  return () => {
    leave();
    if (directory.isClosed && directories.get(key) === directory) directories.delete(key);
  };
}

/**
 * Looks whether each watch still is on the directory that has the path now, which no event tells when another file system
 * is mounted over it, and tries again where no watch was possible. One stat for each directory: for the polls of callers.
 */
export async function checkWatches(): Promise<void> {
  await Promise.all([...directories.values()].map((directory) => directory.check()));
}
