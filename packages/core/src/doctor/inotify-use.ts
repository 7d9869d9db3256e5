// SPDX-License-Identifier: Apache-2.0
import type { Host } from '../scan/host.ts';
import type { Scene } from './scene.ts';

/** What root has of inotify(7) on this node. */
export interface InotifyUse {
  readonly instances: number;
  readonly watches: number;
  /** False where there may be more: this process sees a namespace of its own only, or may not look at every other one. */
  readonly isComplete: boolean;
}

/** One look for all checks of a scene: it is thousands of small files. */
const looks = new WeakMap<Scene, Promise<InotifyUse | undefined>>();

/**
 * Counts what the processes of root have open, as far as this one may look; undefined when `signal` aborts.
 * Source: proc_pid_fdinfo(5).
 */
export function readInotifyUse(scene: Scene, signal: AbortSignal): Promise<InotifyUse | undefined> {
  const look = looks.get(scene) ?? countUse(scene.files, signal);
  looks.set(scene, look);
  return look;
}

async function countUse(files: Host, signal: AbortSignal): Promise<InotifyUse | undefined> {
  const pids = (await files.list('/proc')).filter((name) => /^\d+$/.test(name));
  let [instances, watches] = [0, 0];
  // Kernel threads are in the first namespace only.
  let isComplete = (await optional(files.readText('/proc/2/comm'))) === 'kthreadd';
  for (const pid of pids) {
    const status = await optional(files.readText(`/proc/${pid}/status`));
    if (status === undefined || !/^Uid:\s+\d+\s+0\s/m.test(`${status}\n`)) continue;
    const fds = await optional(files.list(`/proc/${pid}/fd`));
    isComplete &&= fds !== undefined;
    for (const fd of fds ?? []) {
      if (signal.aborted) return undefined;
      if ((await optional(files.linkName(`/proc/${pid}/fd/${fd}`))) !== 'anon_inode:inotify') continue;
      instances += 1;
      const info = await optional(files.readText(`/proc/${pid}/fdinfo/${fd}`, maxInfoBytes));
      watches += info?.match(/^inotify wd:/gm)?.length ?? 0;
    }
  }
  return { instances, watches, isComplete };
}

/** A line of some 100 bytes for each watch. */
const maxInfoBytes = 4 * 1024 * 1024;

/** Processes end while they are looked at, and some may not be looked at. */
async function optional<T>(read: Promise<T | undefined>): Promise<T | undefined> {
  return await read.catch(() => undefined);
}
