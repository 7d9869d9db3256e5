// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cgroup, createCgroup } from './cgroup.ts';

const versions = [
  { root: '/sys/fs/cgroup/memory', usage: 'memory.usage_in_bytes', inactiveFile: 'total_inactive_file' },
  { root: '/sys/fs/cgroup', usage: 'memory.current', inactiveFile: 'inactive_file' },
] as const;

/** A cgroup that counts memory; undefined where that is not allowed. */
export async function createMemoryGroup(): Promise<Cgroup | undefined> {
  return await createCgroup(
    'memory',
    versions.map(({ root, usage }) => ({ parents: [root], files: [{ name: usage }] })),
  );
}

/**
 * What `kubectl top` shows of a container with these processes, in MiB: the memory that is charged to it, without pages of files that nobody
 * has touched for long. A page of a file is charged to whoever reads it first. Source: google/cadvisor, container/libcontainer.
 */
export async function readWorkingSetMiB({ path }: Cgroup): Promise<number> {
  const version =
    versions.find(({ root, usage }) => path.startsWith(root) && usage !== 'memory.current') ?? versions[1];
  const usage = await readFile(join(path, version.usage), 'utf8');
  return workingSetMiB(usage, await readFile(join(path, 'memory.stat'), 'utf8'), version.inactiveFile);
}

/** @throws Error when the line is missing. */
export function workingSetMiB(usage: string, stat: string, inactiveFile: string): number {
  const [, inactive] = new RegExp(`^${inactiveFile} (\\d+)$`, 'm').exec(stat) ?? [];
  if (inactive === undefined) throw new Error(`memory.stat has no line ${inactiveFile}`);
  return Math.max(0, Number(usage) - Number(inactive)) / 2 ** 20;
}
