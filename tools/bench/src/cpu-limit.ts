// SPDX-License-Identifier: Apache-2.0
import { type Cgroup, createCgroup } from './cgroup.ts';

/**
 * A cgroup with the CPU limit that device plugins are usually given: 100m, 10 ms in every 100. Undefined where that is not allowed.
 * Source: Linux, Documentation/scheduler/sched-bwc.rst and Documentation/admin-guide/cgroup-v2.rst.
 */
export async function createCpuLimit(): Promise<Cgroup | undefined> {
  return await createCgroup('cpu', [
    {
      parents: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'],
      files: [
        { name: 'cpu.cfs_period_us', value: '100000' },
        { name: 'cpu.cfs_quota_us', value: '10000' },
      ],
    },
    { parents: ['/sys/fs/cgroup'], files: [{ name: 'cpu.max', value: '10000 100000' }] },
  ]);
}
