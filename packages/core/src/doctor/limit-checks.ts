// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { defineProcessCheck, ok, problem, unknown, warning, type Verdict } from './check.ts';
import { parseOpenFilesLimit } from './process-status.ts';
import type { Scene } from './scene.ts';

/** Open files against their limit. */
export const openFilesCheck = defineProcessCheck({
  id: 'open-files',
  what: 'the limit of open files',
  why: 'every resource has a socket and connections: some ten files each, and 60 for the plugin itself',
  remedy:
    'systemctl edit containerd   # LimitNOFILE=1048576 below [Service], which containers inherit; then restart it and the pod',
  read: async ({ files }, directory) => ({
    limit: parseOpenFilesLimit((await files.readText(`${directory}/limits`)) ?? ''),
    used: (await files.list(`${directory}/fd`).catch(() => [])).length,
  }),
  judge: judgeOpenFiles,
});

/** Memory that the container may use. */
export const memoryLimitCheck = defineProcessCheck({
  id: 'memory-limit',
  what: 'the memory limit of the container',
  why: 'a plugin on Node.js needs some 64 MiB, and the kernel ends it without a word where it may not have them',
  remedy: 'kubectl set resources daemonset $NAME --limits=memory=160Mi',
  read: readMemoryLimit,
  judge: judgeMemoryLimit,
});

function judgeOpenFiles({ limit, used }: { readonly limit: number | undefined; readonly used: number }): Verdict {
  if (limit === undefined) return unknown('the limits of the process cannot be read');
  const found = `${used} of ${limit}`;
  if (used + spareFiles > limit) return problem(found);
  return limit < roomyFiles ? warning(found) : ok(found);
}

/** Without as many a plugin cannot serve another resource, and watch a directory. */
const spareFiles = 16;

/** The usual soft limit: a process with less was given less on purpose. Source: Linux, include/uapi/linux/fs.h (INR_OPEN_CUR). */
const roomyFiles = 1_024;

function judgeMemoryLimit(limitBytes: number | 'hidden' | undefined): Verdict {
  if (limitBytes === 'hidden') return unknown('its control group lies outside of those that can be seen from here');
  if (limitBytes === undefined) return ok('there is none');
  const found = `${Math.round(limitBytes / mebibyte)} MiB`;
  return limitBytes < neededBytes ? problem(found) : ok(found);
}

const mebibyte = 1024 * 1024;
const neededBytes = 64 * mebibyte;

/**
 * In bytes; undefined where there is none.
 * Source: cgroups(7) and cgroup_namespaces(7); a container sees its own group as the root, or by the path that the node has for it, and
 * those of others with `..` in front where it has a namespace of its own.
 */
async function readMemoryLimit({ files }: Scene, directory: string): Promise<number | 'hidden' | undefined> {
  const groups = (await files.readText(`${directory}/cgroup`)) ?? '';
  const unified = /^0::(.*)$/m.exec(groups)?.[1] ?? '/';
  const legacy = /^\d+:memory:(.*)$/m.exec(groups)?.[1] ?? '/';
  if (unified.startsWith('/..')) return 'hidden';
  const candidates = [
    posix.join('/sys/fs/cgroup', posix.resolve('/', unified), 'memory.max'),
    '/sys/fs/cgroup/memory.max',
    posix.join('/sys/fs/cgroup/memory', posix.resolve('/', legacy), 'memory.limit_in_bytes'),
    '/sys/fs/cgroup/memory/memory.limit_in_bytes',
  ];
  for (const path of candidates) {
    const text = await files.readText(path);
    if (text !== undefined) return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  }
  return undefined;
}
