// SPDX-License-Identifier: Apache-2.0
import { access, constants, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A cgroup with the CPU limit that device plugins are usually given: 100m, 10 ms in every 100. */
export interface CpuLimit extends AsyncDisposable {
  add(pid: number): Promise<void>;
}

interface CgroupFile {
  readonly name: string;
  readonly value: string;
}

const versions: readonly { readonly parents: readonly string[]; readonly files: readonly CgroupFile[] }[] = [
  {
    parents: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'],
    files: [
      { name: 'cpu.cfs_period_us', value: '100000' },
      { name: 'cpu.cfs_quota_us', value: '10000' },
    ],
  },
  { parents: ['/sys/fs/cgroup'], files: [{ name: 'cpu.max', value: '10000 100000' }] },
];

/**
 * Makes one below the cgroup of this process or below the root, version 1 or 2; undefined where that is not allowed.
 * Source: Linux, Documentation/scheduler/sched-bwc.rst and Documentation/admin-guide/cgroup-v2.rst.
 */
export async function createCpuLimit(): Promise<CpuLimit | undefined> {
  const own = await ownCgroups();
  for (const { parents, files } of versions) {
    for (const parent of parents.flatMap((root) => own.map((path) => join(root, path)))) {
      const group = await tryCreate(join(parent, `kdp-bench-${process.pid}`), files);
      if (group !== undefined) return group;
    }
  }
  return undefined;
}

async function ownCgroups(): Promise<string[]> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).trim().split('\n');
  const paths = lines
    .filter((line) => /^\d+:([^:]*,)?(cpu)?(,[^:]*)?:/.test(line))
    .map((line) => line.split(':', 3)[2] ?? '/');
  return [...new Set([...paths, '/'])];
}

async function tryCreate(group: string, files: readonly CgroupFile[]): Promise<CpuLimit | undefined> {
  try {
    await mkdir(group);
  } catch {
    return undefined;
  }
  try {
    for (const { name, value } of files) {
      // A file that is missing must not be made: in an ordinary directory that would work.
      await access(join(group, name), constants.W_OK);
      await writeFile(join(group, name), value);
    }
  } catch {
    await rmdir(group);
    return undefined;
  }
  return {
    add: (pid) => writeFile(join(group, 'cgroup.procs'), String(pid)),
    [Symbol.asyncDispose]: () => removeGroup(group),
  };
}

/** A process that was just killed stays in its cgroup for a moment. */
async function removeGroup(group: string): Promise<void> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      if (attempts === 50) throw error;
      await sleep(100);
    }
  }
}
