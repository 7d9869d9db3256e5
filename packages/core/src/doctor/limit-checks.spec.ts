// SPDX-License-Identifier: Apache-2.0
import { dir } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../test/support/scene.ts';
import { memoryLimitCheck, openFilesCheck } from './limit-checks.ts';

describe('open-files', () => {
  const limits = (soft: string): { readonly 'proc/1/limits': string } => ({
    'proc/1/limits': `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft}                 1048576              files     \n`,
  });

  it.each([
    ['ok: 0 of 1024', limits('1024')],
    ['ok: 0 of Infinity', limits('unlimited')],
    ['warning: 0 of 256', limits('256')],
    ['problem: 2 of 17', { ...limits('17'), 'proc/1/fd/0': '', 'proc/1/fd/1': '' }],
    ['unknown: the limits of the process cannot be read', { 'proc/1/fd': dir() }],
  ])('says %j', async (verdict, tree) => {
    expect(await verdictOn(openFilesCheck, tree)).toBe(verdict);
  });
});

describe('memory-limit', () => {
  it.each([
    ['ok: there is none', {}],
    ['ok: there is none', { 'proc/1/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': 'max\n' }],
    ['ok: 160 MiB', { 'proc/1/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': '167772160\n' }],
    ['problem: 30 MiB', { 'proc/1/cgroup': '0::/a/b\n', 'sys/fs/cgroup/a/b/memory.max': '31457280\n' }],
    ['problem: 30 MiB', { 'proc/1/cgroup': '0::/gone\n', 'sys/fs/cgroup/memory.max': '31457280\n' }],
    [
      'unknown: its control group lies outside of those that can be seen from here',
      { 'proc/1/cgroup': '0::/../../pod\n', 'sys/fs/cgroup/memory.max': '31457280\n' },
    ],
    [
      'problem: 30 MiB',
      {
        'proc/1/cgroup': '4:memory:/pod\n0::/\n',
        'sys/fs/cgroup/memory/pod/memory.limit_in_bytes': '31457280\n',
      },
    ],
    ['ok: there is none', { 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' }],
  ])('says %j', async (verdict, tree) => {
    expect(await verdictOn(memoryLimitCheck, tree)).toBe(verdict);
  });
});
