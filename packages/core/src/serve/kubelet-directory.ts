// SPDX-License-Identifier: Apache-2.0
import { statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { DevicePluginError } from '../errors.ts';
import { kubeletSocketName } from '../kubelet-api/constants.ts';
import { checkWatches, watchDirectory } from '../watch/directory-watcher.ts';
import { aborted } from './abortable.ts';
import { fileIdentity, type FileIdentity } from './file-identity.ts';

/**
 * The kubelet's plugin directory and whoever waits for something to change in it.
 *
 * Events come from inotify within a millisecond. A stat of everything every two seconds stands beside them, because a replaced directory
 * silences inotify for ever and a host may have no inotify instance left.
 */
export class KubeletDirectory {
  readonly path: string;
  readonly kubeletSocket: string;
  readonly #listeners = new Set<() => void>();

  constructor(path: string) {
    this.path = path;
    this.kubeletSocket = join(path, kubeletSocketName);
  }

  /** Identity of kubelet.sock: a new one is a kubelet that knows nothing of us. */
  kubeletIdentity(): FileIdentity | undefined {
    return fileIdentity(this.kubeletSocket);
  }

  /** Calls `onChange` whenever something may have changed, and every two seconds. Returns how to stop that. */
  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => void this.#listeners.delete(onChange);
  }

  /** Calls `onReplaced` when the path leads to another directory, to none any more or to one again. Returns how to stop that. */
  onReplaced(onReplaced: () => void): () => void {
    let inode = directoryStats(this.path)?.ino;
    return this.subscribe(() => {
      const next = directoryStats(this.path)?.ino;
      if (next === inode) return;
      inode = next;
      onReplaced();
    });
  }

  /**
   * Watches until `signal` aborts.
   *
   * @throws DevicePluginError `PLUGIN_DIR_DELETED` when the directory can never come back under this path:
   * a container's mount of a directory that was deleted on the host shows no links and takes no new files.
   */
  async watch(signal: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<undefined>();
    let watchedInode = directoryStats(this.path)?.ino;
    const look = (): void => {
      const stats = directoryStats(this.path);
      if (stats?.nlink === 0n) over.reject(deleted(this.path));
      if (stats?.ino !== watchedInode) void checkWatches();
      watchedInode = stats?.ino;
      this.#wake();
    };
    // A restart of the kubelet is hundreds of events where there are hundreds of resources, each of which would look at its files for each of them.
    let waking: NodeJS.Immediate | undefined;
    const wakeOnce = (): void => {
      waking ??= setImmediate(() => {
        waking = undefined;
        this.#wake();
      });
    };
    const stop = watchDirectory(this.path, wakeOnce, watchLimits);
    // This timer is also what keeps a plugin alive that serves nothing yet.
    const timer = setInterval(look, pollPeriodMs);
    look();
    try {
      await Promise.race([over.promise, aborted(signal)]);
    } finally {
      clearInterval(timer);
      stop();
      clearImmediate(waking);
    }
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

const pollPeriodMs = 2_000;

/** All events here matter: nobody but the kubelet and plugins writes to the directory, and a resource that comes and goes is six of them. */
const watchLimits = { maxEventsPerSecond: 20_000, restMs: 10_000 };

/** Of the directory that the path leads to, which is the mounted one also when a link is on the way; undefined when there is none. */
function directoryStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function deleted(path: string): DevicePluginError {
  return new DevicePluginError(
    'PLUGIN_DIR_DELETED',
    `${path} was deleted while it was mounted here: this container has to be started again to see the new one`,
  );
}
