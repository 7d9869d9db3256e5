// SPDX-License-Identifier: Apache-2.0
import { link, verdictsOn, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { checks } from './doctor.ts';

const pci = 'sys/bus/pci/devices';

function gpu(bdf: string, driver?: string, pciClass = '0x030000'): FixtureTree {
  return {
    [`${pci}/${bdf}/vendor`]: '0x8086\n',
    [`${pci}/${bdf}/class`]: `${pciClass}\n`,
    ...(driver === undefined ? {} : { [`${pci}/${bdf}/driver`]: link(`../../drivers/${driver}`) }),
  };
}

describe('gpu-driver', () => {
  it.each<[string, FixtureTree]>([
    ['not applicable: there is no Intel GPU', {}],
    ['not applicable: there is no Intel GPU', { [`${pci}/0000:01:00.0/vendor`]: '0x10de', ...gpu('x') }],
    ['not applicable: there is no Intel GPU', gpu('0000:00:1f.0', undefined, '0x060100')],
    ['ok: 0000:00:02.0 i915', gpu('0000:00:02.0', 'i915')],
    [
      'problem: 0000:00:02.0 i915, 0000:03:00.0 has no driver',
      { ...gpu('0000:00:02.0', 'i915'), ...gpu('0000:03:00.0', undefined, '0x038000') },
    ],
    ['warning: 0000:03:00.0 vfio-pci: none that the plugin hands out', gpu('0000:03:00.0', 'vfio-pci')],
  ])('says %j', async (verdict, tree) => {
    expect((await verdictsOn(checks, tree))['gpu-driver']).toBe(verdict);
  });
});

describe('gpu-nodes', () => {
  const drm = { 'sys/class/drm/card0/dev': '', 'sys/class/drm/renderD128/dev': '' };

  it.each<[string, FixtureTree]>([
    ['not applicable: the kernel has no render node', { 'sys/class/drm/card0/dev': '' }],
    ['ok: renderD128', { ...drm, 'dev/dri/renderD128': '' }],
    ['problem: /dev/dri lacks renderD128', drm],
  ])('says %j', async (verdict, tree) => {
    expect((await verdictsOn(checks, tree))['gpu-nodes']).toBe(verdict);
  });
});
