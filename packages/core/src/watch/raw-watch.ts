// SPDX-License-Identifier: Apache-2.0
import type * as Chokidar from 'chokidar';
import { startGate } from './start-gate.ts';

/** Takes what inotify tells of one directory. */
export interface RawWatchHandler {
  /** `rename`: an entry came or went; `change`: one was written to. The directory itself has its own name as `name`. */
  onEvent(kind: 'rename' | 'change', name: string | undefined): void;
  /** No watch is possible, or not any more. */
  onError(error: unknown): void;
}

/**
 * Watches one existing directory, and nothing in or above it, until `signal` aborts. Resolves when the watch stands,
 * was refused or was aborted; rejects when chokidar cannot be loaded.
 *
 * chokidar adds an lstat and a queue to each event and a delay to each removal, so only its `raw` events are used, which
 * are those of fs.watch. Everything below the directory is ignored, so it does nothing besides.
 * There is one FSWatcher for each directory, because FSWatcher.unwatch('/dev') would take /dev/dri with it.
 */
export async function openRawWatch(directory: string, handler: RawWatchHandler, signal: AbortSignal): Promise<void> {
  const { FSWatcher } = await loadChokidar();
  if (signal.aborted) return;
  const watcher = new FSWatcher({
    persistent: false,
    ignoreInitial: true,
    atomic: false,
    depth: 0,
    ignored: (path) => path !== directory,
  });
  watcher.on('raw', (event, name) => {
    handler.onEvent(event === 'rename' ? 'rename' : 'change', name ?? undefined);
  });
  watcher.on('error', (error) => {
    handler.onError(error);
  });
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
    signal.addEventListener('abort', () => {
      void watcher.close();
      resolve();
    });
    watcher.add(directory);
  });
}

let chokidar: Promise<typeof Chokidar> | undefined;

/** Loading takes up to 10 ms of CPU, which must not delay the first registration. */
function loadChokidar(): Promise<typeof Chokidar> {
  chokidar ??= startGate.passed.then(() => import('chokidar'));
  return chokidar;
}
