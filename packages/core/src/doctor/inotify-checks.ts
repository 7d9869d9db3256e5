// SPDX-License-Identifier: Apache-2.0
import { defineCheck, ok, problem, unknown, warning, type Verdict } from './check.ts';
import { readInotifyUse } from './inotify-use.ts';
import type { Scene } from './scene.ts';

/** Instances and watches of inotify(7), each against the limit that a user has of them. */
export const inotifyChecks = [
  defineCheck({
    id: 'inotify-instances',
    what: 'inotify instances that root may still have',
    why: 'a plugin needs one to see devices and a new kubelet at once; without it looks every 2 s',
    remedy: 'sysctl -w fs.inotify.max_user_instances=1024   # to last: a file in /etc/sysctl.d',
    read: (scene, signal) => readUse(scene, 'instances', signal),
    judge: (use) => judgeUse(use, 1),
  }),
  defineCheck({
    id: 'inotify-watches',
    what: 'inotify watches that root may still have',
    why: 'a plugin needs one for each directory that its devices lie in, and one for that of the kubelet',
    remedy: 'sysctl -w fs.inotify.max_user_watches=524288   # to last: a file in /etc/sysctl.d',
    read: (scene, signal) => readUse(scene, 'watches', signal),
    judge: (use) => judgeUse(use, 16),
  }),
] as const;

interface Use {
  readonly limit: number;
  /** By root, as far as this process may look; undefined where it has not come to an end. */
  readonly used: number | undefined;
  readonly isComplete: boolean;
}

export function judgeUse(use: Use | undefined, needed: number): Verdict {
  if (use === undefined) return unknown('/proc/sys/fs/inotify cannot be read');
  const { limit, used, isComplete } = use;
  if (limit < needed) return problem(`the limit is ${limit}`);
  if (used === undefined) return unknown(`the limit is ${limit}; it was not counted to the end`);
  const found = `${used} of ${limit} are used`;
  if (limit - used < needed) return problem(found);
  if (used > limit * fullness) return warning(found);
  return isComplete ? ok(found) : unknown(`at least ${found}; not every process can be seen from here`);
}

/** From here on it is a matter of time: the kubelet, the runtime and systemd take some with each pod. */
const fullness = 0.8;

async function readUse(scene: Scene, kind: 'instances' | 'watches', signal: AbortSignal): Promise<Use | undefined> {
  const limit = await scene.files.readText(`/proc/sys/fs/inotify/max_user_${kind}`);
  if (limit === undefined || !/^\d{1,15}$/.test(limit)) return undefined;
  const use = await readInotifyUse(scene, signal);
  return { limit: Number(limit), used: use?.[kind], isComplete: use?.isComplete ?? false };
}
