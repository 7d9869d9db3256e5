// SPDX-License-Identifier: Apache-2.0
import { resourceNameProblem } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelDevice } from '../sysfs/kernel-mode/read-kernel-devices.ts';
import type { SectionConfig } from '../sysfs/kernel-mode/section-config.ts';
import { kernelDeviceTree } from './kernel-devices.ts';

const ssl: SectionConfig = { cyInstances: 6, dcInstances: 2, processes: 1, isPinned: false };
const shim: SectionConfig = { cyInstances: 1, dcInstances: 0, processes: 2, isPinned: false };
const pinned: SectionConfig = { cyInstances: 1, dcInstances: 0, processes: 4, isPinned: true };

const device = (index: number, sections: Readonly<Record<string, SectionConfig>>): KernelDevice => ({
  id: `dev${index}`,
  type: 'c6xx',
  sections: new Map(Object.entries(sections)),
  uioNodes: [`uio${index}`],
});
const common = { SSL: ssl, SHIM: shim, PINNED: pinned };
const three = [device(0, { ...common, SHIM2: shim }), device(1, common), device(2, common)] as const;

const treeOf = (...devices: KernelDevice[]) => kernelDeviceTree({ devices });
const idsOf = (resource: string, ...devices: KernelDevice[]) => [
  ...(treeOf(...devices)
    .resources.get(resource)
    ?.keys() ?? []),
];

describe('kernelDeviceTree()', () => {
  it('A-K8: counts shared sections once and pinned ones on each device', () => {
    expect(idsOf('cy6_dc2', ...three)).toEqual(['SSL_dev0_0']);
    expect(idsOf('cy1_dc0', ...three).sort()).toEqual(
      [
        ['SHIM_dev0_0', 'SHIM_dev0_1', 'SHIM2_dev0_0', 'SHIM2_dev0_1'],
        [0, 1, 2].flatMap((dev) => [0, 1, 2, 3].map((index) => `PINNED_dev${dev}_${index}`)),
      ]
        .flat()
        .sort(),
    );
  });

  it('A-K9: refuses a pinned section that one device lacks', () => {
    expect(() => treeOf(device(0, { SSL: ssl }), three[1], three[2])).toThrow(
      'section [PINNED]: is pinned (LimitDevAccess=1) on /etc/c6xx_dev1.conf, so it has to be in /etc/c6xx_dev0.conf too',
    );
  });

  it.each([
    ['A-K11: pinned here and shared there', { isPinned: true }, 'LimitDevAccess'],
    ['another number of processes', { processes: 9 }, 'NumProcesses'],
    ['other crypto instances', { cyInstances: 9 }, 'NumberCyInstances'],
    ['other compression instances', { dcInstances: 9 }, 'NumberDcInstances'],
  ])('refuses a section with %s, naming key and files', (_, change, key) => {
    const build = () =>
      treeOf(device(0, { SSL: { ...ssl, ...change } }), device(1, { SSL: ssl }), device(2, { SSL: ssl }));
    expect(build).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(build).toThrow(
      `section [SSL]: ${key} differs between /etc/c6xx_dev0.conf and /etc/c6xx_dev1.conf: it has to be the same`,
    );
  });

  it('lets pinned sections have another number of processes on each device', () => {
    const tree = treeOf(device(0, { PINNED: pinned }), device(1, { PINNED: { ...pinned, processes: 1 } }));
    expect(tree.deviceTypeCount('cy1_dc0')).toBe(5);
  });

  it('A-K12: gives every device the control nodes and the nodes of all endpoints, and its section', () => {
    const endpoint = { ...device(0, { TESTSHIM: shim, TESTPINNED: pinned }), uioNodes: ['uio4', 'uio5'] };
    const devices = [...treeOf(endpoint).resources.values()].flatMap((all) => [...all.values()]);
    expect(devices).toHaveLength(6);
    for (const { health, nodes } of devices) {
      expect(health).toBe('Healthy');
      expect(nodes).toEqual(
        ['/dev/qat_adf_ctl', '/dev/qat_dev_processes', '/dev/usdm_drv', '/dev/uio4', '/dev/uio5'].map((path) => ({
          hostPath: path,
          containerPath: path,
          permissions: 'rw',
        })),
      );
    }
    const keys = devices.flatMap(({ envs }) => Object.keys(envs ?? {}));
    expect(new Set(keys)).toHaveLength(7);
    expect(devices[0]?.envs).toEqual({ QAT_SECTION_NAME_cy1_dc0_0: 'TESTSHIM', QAT_SECTION_NAME: 'TESTSHIM' });
  });

  it('A-K1, A-K2, A-K3, A-K4: has devices for as many endpoints as were found', () => {
    const endpoints = Array.from({ length: 4 }, (_, index) => device(index, { PINNED: { ...pinned, processes: 1 } }));
    for (const count of [0, 2, 3, 4]) expect(idsOf('cy1_dc0', ...endpoints.slice(0, count))).toHaveLength(count);
  });

  it('keeps apart devices of two types with one number', () => {
    const vf = { ...device(0, { PINNED: pinned }), type: 'c6xxvf' };
    expect(idsOf('cy1_dc0', device(0, { PINNED: pinned }), vf)).toContain('PINNED_c6xxvf_dev0_3');
    expect(idsOf('cy1_dc0', device(0, { PINNED: pinned }), vf)).toHaveLength(8);
  });

  it('leaves out the devices of a section whose name no device id can hold', () => {
    const { leftOut } = treeOf(device(0, { 'MY SECTION': ssl }));
    expect([...(leftOut.get('cy6_dc2') ?? [])]).toEqual([
      ['MY SECTION_dev0_0', expect.stringContaining('not printable ASCII')],
    ]);
  });

  it('publishes as many devices as there are processes, under names that kubelets take', () => {
    const configs = fc.dictionary(
      fc.stringMatching(/^[A-Z]{1,8}\d?$/),
      fc.record({ cyInstances: fc.nat(99), dcInstances: fc.nat(99), processes: fc.nat(20), isPinned: fc.boolean() }),
    );
    fc.assert(
      fc.property(configs, fc.integer({ min: 1, max: 5 }), (sections, count) => {
        const tree = treeOf(...Array.from({ length: count }, (_, index) => device(index, sections)));
        const total = [...tree.resources.values()].reduce((sum, { size }) => sum + size, 0);
        const wanted = Object.values(sections).map(({ processes, isPinned }) => processes * (isPinned ? count : 1));
        expect(total).toBe(wanted.reduce((sum, processes) => sum + processes, 0));
        for (const resource of tree.resources.keys())
          expect(resourceNameProblem(`qat.intel.com/${resource}`)).toBeUndefined();
      }),
    );
  });
});
