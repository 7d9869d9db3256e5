// SPDX-License-Identifier: Apache-2.0
import { dir } from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verdictOn } from '../../test/support/scene.ts';
import {
  cdiDirCheck,
  cdiRuntimeCheck,
  clockCheck,
  judgeCdiDirectory,
  sysfsCheck,
  sysfsReadOnlyCheck,
} from './node-checks.ts';
import type { PathFacts } from './path-facts.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('sysfs and sysfs-read-only', () => {
  it('know whether /sys is there', async () => {
    expect(await verdictOn(sysfsCheck, { 'sys/bus/pci': dir() })).toBe('ok: /sys is there');
    expect(await verdictOn(sysfsCheck, { sys: dir() })).toContain('problem: /sys shows no bus');
  });

  it.each([
    ['ok: read-only', '1 0 8:1 / / rw - ext4 x rw\n2 1 0:1 / /sys ro,nosuid - sysfs sysfs ro\n'],
    ['warning: it may', '2 1 0:1 / /sys rw,nosuid - sysfs sysfs rw\n'],
    ['unknown: the mounts of the process cannot be read', ''],
  ])('say %j', async (verdict, text) => {
    expect(await verdictOn(sysfsReadOnlyCheck, { 'proc/1/mountinfo': text })).toBe(verdict);
  });
});

describe('cdi-dir', () => {
  it.each([
    ['ok: /cdi can be written to', { cdi: dir() }],
    ['warning: /cdi is not there; a plugin makes it below / when it needs it', {}],
    ['problem: /cdi is no directory', { cdi: 'text' }],
  ])('says %j', async (verdict, tree) => {
    expect(await verdictOn(cdiDirCheck, tree)).toBe(verdict);
  });

  it.each([
    ['EROFS', 'directory', 'mounted read-only'],
    ['EACCES', 'directory', 'refuses this process: EACCES'],
    ['ELOOP', 'unreadable', 'cannot be looked at: ELOOP'],
  ] as const)('warns of %s', (refusal, kind, found) => {
    const facts: PathFacts = { path: '/cdi', kind, links: 2, uid: 0, mode: 0o755, refusal };
    expect(judgeCdiDirectory(facts)).toMatchObject({
      state: 'warning',
      found: expect.stringContaining(found) as unknown,
    });
  });
});

describe('cdi-runtime', () => {
  it.each([
    ['ok: enable_cdi = true', 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\n  enable_cdi = true\n'],
    ['warning: enable_cdi = false', 'version = 3\n  enable_cdi = false\n'],
    ['ok: on by default', 'version = 3\n# enable_cdi = false\n'],
    ['warning: enable_cdi is not set in a file of version 2: containerd 1.7 leaves CDI off then', 'version = 2\n'],
    ['warning: enable_cdi is not set in a file of version 1: containerd 1.7 leaves CDI off then', ''],
  ])('says %j', async (verdict, text) => {
    expect(await verdictOn(cdiRuntimeCheck, { 'etc/containerd/config.toml': text })).toBe(verdict);
  });

  it('does not know without the file', async () => {
    expect(await verdictOn(cdiRuntimeCheck, {})).toMatch(/^unknown: /);
  });
});

describe('clock', () => {
  it.each([
    ['ok', '2026-06-01T00:00:00Z'],
    ['problem', '1970-01-01T00:05:00Z'],
  ])('says %s at %s', async (state, now) => {
    vi.useFakeTimers({ now: new Date(now), toFake: ['Date'] });
    expect(await verdictOn(clockCheck, {})).toContain(`${state}: `);
  });
});
