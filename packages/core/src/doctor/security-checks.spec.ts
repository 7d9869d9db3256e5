// SPDX-License-Identifier: Apache-2.0
import { dir } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../test/support/scene.ts';
import {
  capabilitiesCheck,
  judgeSeLinux,
  noNewPrivilegesCheck,
  readOnlyRootCheck,
  seccompCheck,
  seLinuxCheck,
} from './security-checks.ts';

const container = 'system_u:system_r:container_t:s0:c1,c2';

describe('selinux', () => {
  it.each([
    ['not applicable: no SELinux here', {}],
    [
      'not applicable: no SELinux here, but the AppArmor profile cri-containerd.apparmor.d (enforce)',
      { 'proc/1/attr/current': 'cri-containerd.apparmor.d (enforce)\n' },
    ],
    ['ok: container_device_plugin_t', { 'proc/1/attr/current': `${container.replace('_t', '_device_plugin_t')}\0` }],
    ['ok: spc_t', { 'proc/1/attr/current': 'system_u:system_r:spc_t:s0' }],
    [
      'ok: container_t, and SELinux does not enforce',
      { 'proc/1/attr/current': container, 'sys/fs/selinux/enforce': '0' },
    ],
    ['warning: container_t', { 'proc/1/attr/current': container, plugins: dir() }],
  ])('says %j', async (verdict, tree) => {
    expect(await verdictOn(seLinuxCheck, tree)).toBe(verdict);
  });

  it('is a problem where the directory refuses', () => {
    expect(judgeSeLinux({ context: container, enforcing: '1', isRefused: true }).state).toBe('problem');
    expect(judgeSeLinux({ context: container, enforcing: undefined, isRefused: true }).state).toBe('problem');
  });
});

describe('capabilities, no-new-privileges and seccomp', () => {
  const status = (mask: string): { readonly 'proc/1/status': string } => ({
    'proc/1/status': `Name:\tnode\nUid:\t0\t0\t0\t0\nCapEff:\t${mask}\nNoNewPrivs:\t1\nSeccomp:\t2\n`,
  });

  it.each([
    ['ok: none', status('0000000000000000')],
    ['warning: CHOWN, SYS_ADMIN', status('0000000000200001')],
    ['warning: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID and 8 more', status('00000000a80425fb')],
    ['warning: all of them: it is privileged', status('000001ffffffffff')],
    ['unknown: the kernel does not say', {}],
  ])('says %j', async (verdict, tree) => {
    expect(await verdictOn(capabilitiesCheck, tree)).toBe(verdict);
  });

  it.each([
    ['ok', 'ok', 'NoNewPrivs:\t1\nSeccomp:\t2\n'],
    ['warning', 'warning', 'NoNewPrivs:\t0\nSeccomp:\t0\n'],
    ['unknown', 'unknown', ''],
  ])('says %s and %s of %j', async (privileges, seccomp, text) => {
    const tree = { 'proc/1/status': text };
    expect(await verdictOn(noNewPrivilegesCheck, tree)).toContain(`${privileges}: `);
    expect(await verdictOn(seccompCheck, tree)).toContain(`${seccomp}: `);
  });
});

describe('read-only-root', () => {
  it.each([
    ['ok: read-only', '1 0 8:1 / / ro,relatime - overlay overlay rw\n'],
    ['ok: read-only', '1 0 8:1 / / rw - ext4 /dev/x ro\n'],
    ['warning: it can be written to', '1 0 8:1 / / rw,relatime - overlay overlay rw\n'],
    ['unknown: the mounts of the process cannot be read', ''],
  ])('says %j', async (verdict, text) => {
    expect(await verdictOn(readOnlyRootCheck, { 'proc/1/mountinfo': text })).toBe(verdict);
  });
});
