// SPDX-License-Identifier: Apache-2.0
import { dir, link, verdictsOn, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { checks } from './doctor.ts';

function qat(bdf: string, id: string, driver?: string): FixtureTree {
  const device = `sys/bus/pci/devices/${bdf}`;
  return {
    [`${device}/vendor`]: '0x8086\n',
    [`${device}/device`]: `0x${id}\n`,
    ...(driver === undefined ? {} : { [`${device}/driver`]: link(`../../drivers/${driver}`) }),
  };
}

const pf = qat('0000:6b:00.0', '4940', '4xxx');
const vf = qat('0000:6b:00.1', '4941', 'vfio-pci');
const old = qat('0000:3d:01.0', '37c9');
const iommu = { 'sys/class/iommu/dmar0': dir(), 'sys/kernel/iommu_groups/1': dir() };
const denylist = 'sys/module/vfio_pci/parameters/disable_denylist';

describe('checks of the QAT plugin', () => {
  it('do not apply without QAT', async () => {
    const other = qat('0000:00:1f.0', '1234');
    const verdicts = Object.values(await verdictsOn(checks, { ...other, 'sys/bus/pci/devices/x/vendor': '' }));
    expect(verdicts.filter((verdict) => !verdict.startsWith('not applicable: '))).toEqual([]);
    expect(verdicts).toHaveLength(checks.length);
  });

  it.each<[string, string, FixtureTree]>([
    ['qat-driver', 'ok: 0000:6b:00.0 4xxx', pf],
    ['qat-driver', 'problem: 0000:6b:00.0 has no driver', qat('0000:6b:00.0', '4940')],
    ['qat-driver', 'not applicable: there is no physical function of QAT', vf],
    ['qat-vfs', 'ok: 1 of 1 physical functions', { ...pf, ...vf }],
    ['qat-vfs', 'problem: none, of 1 physical functions', pf],
    ['iommu', 'ok: on: 1 groups', { ...pf, ...iommu }],
    ['iommu', 'problem: off; the kernel command line has no intel_iommu=on', { ...pf, 'proc/cmdline': 'quiet\n' }],
    ['iommu', 'problem: off; the kernel command line has no intel_iommu=on', { ...pf, 'sys/class/iommu/dmar0': dir() }],
    [
      'iommu',
      'problem: off; the kernel command line has intel_iommu=off',
      { ...pf, 'proc/cmdline': 'root=/dev/sda intel_iommu=off quiet\n' },
    ],
    [
      'iommu',
      'warning: off, and vfio makes up groups: programs may write to all memory',
      { ...pf, 'sys/module/vfio/parameters/enable_unsafe_noiommu_mode': 'Y\n' },
    ],
    ['vfio-pci', 'ok: it is loaded', { ...pf, 'sys/bus/pci/drivers/vfio-pci': dir() }],
    ['vfio-pci', 'problem: it is not loaded', pf],
    ['vfio-denylist', 'not applicable: no device here is on it', pf],
    ['vfio-denylist', 'problem: on it: 8086:37c9', { ...old, [denylist]: 'N\n' }],
    ['vfio-denylist', 'ok: switched off, for 8086:37c9', { ...old, [denylist]: 'Y\n' }],
    [
      'vfio-denylist',
      'unknown: on it: 8086:37c9; vfio-pci is not loaded, or older than Linux 5.9',
      { ...old, ...qat('0000:3d:01.1', '37c9') },
    ],
    ['debugfs', 'ok: qat_4xxx_0000:6b:00.0', { ...pf, 'sys/kernel/debug/qat_4xxx_0000:6b:00.0': dir() }],
    ['debugfs', 'warning: /sys/kernel/debug is empty: not mounted', pf],
    ['debugfs', 'warning: the driver shows nothing in it', { ...pf, 'sys/kernel/debug/dri': dir() }],
    // A loop of links is refused as a directory without permission is, to root as well.
    ['debugfs', 'problem: /sys/kernel/debug refuses this process', { ...pf, 'sys/kernel/debug': link('debug') }],
  ])('say of %s: %s', async (id, verdict, tree) => {
    expect((await verdictsOn(checks, tree))[id]).toBe(verdict);
  });
});
