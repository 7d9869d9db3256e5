// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { dir, hostFixture, link, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { QatFlags } from '../src/options.ts';
import { cryptoPf, drivers, groupNodes, pfTree, vfTree, type PfFixture, type VfFixture } from './fixtures/qat-host.ts';
import { devicesOf, healthOf, scanOnce } from './scan-once.ts';

let fixture: HostFixture | undefined;

afterEach(async () => {
  await fixture?.dispose();
  fixture = undefined;
});

type Flags = Partial<QatFlags>;

async function scan(tree: FixtureTree, flags: Flags): ReturnType<typeof scanOnce> {
  fixture = await hostFixture({ '/dev/vfio': dir(), ...tree });
  return await scanOnce(fixture.root, flags);
}

const c6xxVf: VfFixture = { bdf: '0000:02:01.0', id: '37c9', driver: 'c6xxvf', group: 'vfiotestfile' };
const c6xx: PfFixture = { bdf: '0000:02:00.0', driver: 'c6xx', vfs: [c6xxVf] };
const uioFile = { 'uio/sometestfile': dir() };
const uioVfs: VfFixture[] = ['0000:02:01.0', '0000:02:01.1'].map((bdf) => ({ ...c6xxVf, bdf, files: uioFile }));
const c6xxvf: Flags = { 'kernel-vf-drivers': 'c6xxvf', 'max-num-devices': 1 };
const uio: Flags = { ...c6xxvf, 'dpdk-driver': 'igb_uio' };
const both = drivers('vfio-pci', 'igb_uio', 'c6xxvf');

describe('the number of devices', () => {
  const vf4941: VfFixture = { bdf: '0000:02:01.0', id: '4941', driver: 'vfio-pci', group: '5' };
  const gen4: Flags = { 'kernel-vf-drivers': '4xxxvf', 'max-num-devices': 1 };
  const strangers = {
    '/sys/bus/pci/devices/0000:02:01.0/uio/sometestfile': dir(),
    '/sys/bus/pci/devices/0000:02:00.0': dir(),
  };
  const cases: [string, FixtureTree, Flags, number][] = [
    ['A-Q11 none on a host without any', {}, c6xxvf, 0],
    ['A-Q12 none of devices without an id', { ...strangers, ...drivers('igb_uio') }, uio, 0],
    ['A-Q16 not more than the limit', { ...both, ...pfTree({ ...c6xx, vfs: uioVfs }) }, uio, 1],
    [
      'A-Q17 all below the limit',
      { ...both, ...pfTree({ ...c6xx, vfs: uioVfs }) },
      { ...uio, 'max-num-devices': 4 },
      2,
    ],
    ['A-Q18 a VF that the kernel has', { ...both, ...pfTree(c6xx) }, c6xxvf, 1],
    [
      'A-Q20 none of a generation that is not asked for',
      { ...both, ...pfTree({ bdf: '0000:02:00.0', driver: 'd15xx', vfs: [{ ...c6xxVf, id: '6f55' }] }) },
      c6xxvf,
      0,
    ],
    ['A-Q22 a VF in a virtual machine', { ...both, ...vfTree(c6xxVf) }, c6xxvf, 1],
    ['none with the limit 0', { ...both, ...pfTree(c6xx) }, { ...c6xxvf, 'max-num-devices': 0 }, 0],
    [
      'A-Q35 no VF of the bus while there is a PF',
      { ...both, ...pfTree({ ...c6xx, vfs: [] }), ...vfTree(c6xxVf) },
      c6xxvf,
      0,
    ],
    [
      'none of another vendor',
      { ...both, ...vfTree(vf4941), '/sys/bus/pci/devices/0000:02:01.0/vendor': '0x10de\n' },
      gen4,
      0,
    ],
    [
      'none of a link that leads nowhere',
      { ...both, ...pfTree({ ...c6xx, vfs: [] }), '/sys/bus/pci/devices/0000:02:00.0/virtfn0': link('../gone') },
      c6xxvf,
      0,
    ],
  ];

  it.each(cases)('is that of %s', async (_, tree, flags, count) => {
    const devices = Object.values(devicesOf(await scan(tree, flags)));
    expect(devices).toHaveLength(count);
  });
});

describe('a VF that cannot be had', () => {
  const cases: [string, FixtureTree, Flags, RegExp][] = [
    [
      'A-Q13 the driver is not there',
      { ...drivers('c6xxvf'), ...vfTree(c6xxVf) },
      uio,
      /there is no .*drivers\/igb_uio: run "modprobe igb_uio"/,
    ],
    ['A-Q14 there is no uio directory', { ...both, ...pfTree(c6xx) }, uio, /no uio device/],
    [
      'A-Q15 the uio directory is empty',
      { ...both, ...pfTree({ ...c6xx, vfs: [{ ...c6xxVf, files: { uio: dir() } }] }) },
      uio,
      /no uio device/,
    ],
    [
      'A-Q21 there is no IOMMU group',
      { ...both, ...pfTree({ ...c6xx, vfs: [{ bdf: '0000:02:01.0', id: '37c9', driver: 'c6xxvf' }] }) },
      c6xxvf,
      /no IOMMU group/,
    ],
  ];

  it.each(cases)('ends a strict plugin: %s', async (_, tree, flags, reason) => {
    const error = await scan(tree, { ...flags, strict: true }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DEVICE_UNUSABLE', message: expect.stringMatching(reason) as string });
  });

  it.each(cases)('is unhealthy else: %s', async (_, tree, flags, reason) => {
    const tree2 = devicesOf(await scan(tree, flags));
    expect(tree2).toMatchObject({
      'generic 0000:02:01.0': { health: 'Unhealthy', healthReason: expect.stringMatching(reason) as string },
    });
  });
});

describe('a VF without a node', () => {
  const host = { ...drivers('vfio-pci'), ...pfTree(cryptoPf('02', 2)) };
  const [first, second] = ['0000:02:00.1', '0000:02:00.2'];
  const reasonsOf = (tree: Awaited<ReturnType<typeof scan>>) =>
    Object.fromEntries(Object.entries(devicesOf(tree)).map(([name, { healthReason }]) => [name, healthReason]));

  it('is unhealthy, and leaves others alone', async () => {
    expect(reasonsOf(await scan({ ...host, ...groupNodes(100) }, {}))).toEqual({
      [`cy ${first}`]: undefined,
      [`cy ${second}`]: 'there is no /dev/vfio/101: see dmesg for vfio',
    });
  });

  it('is unhealthy without the control node too', async () => {
    const tree = await scan({ ...host, '/dev/vfio/100': '', '/dev/vfio/101': '' }, {});
    expect(Object.values(reasonsOf(tree))).toEqual(Array(2).fill('there is no /dev/vfio/vfio: see dmesg for vfio'));
  });

  it('is healthy where no node can be seen', async () => {
    expect(new Set(Object.values(healthOf(await scan(host, {}))))).toEqual(new Set(['Healthy']));
  });

  const cdev = { files: { 'vfio-dev/vfio0': dir() } };
  const pf = cryptoPf('02', 1);
  const iommufdHost = {
    ...drivers('vfio-pci'),
    ...pfTree({ ...pf, vfs: pf.vfs?.map((vf) => ({ ...vf, ...cdev })) ?? [] }),
    '/dev/vfio/devices/vfio0': '',
  };
  it.each([
    ['the node of the group without /dev/iommu', groupNodes(100), ['/dev/vfio/100', '/dev/vfio/vfio']],
    ['nothing without either', {}, []],
    [
      'its own node where sysfs has IOMMUFD',
      { '/sys/class/misc/iommu': dir() },
      ['/dev/vfio/devices/vfio0', '/dev/iommu'],
    ],
  ])('gives with IOMMUFD %s', async (_, tree, paths) => {
    const [device] = Object.values(devicesOf(await scan({ ...iommufdHost, ...tree }, { 'vfio-mode': 'iommufd' })));
    expect(device?.nodes.map(({ hostPath }) => hostPath)).toEqual(paths);
    expect(device?.health).toBe(paths.length > 0 ? 'Healthy' : 'Unhealthy');
  });
});

describe('binding', () => {
  const written = async (path: string): Promise<string> => await readFile(fixture?.path(path) ?? '', 'utf8');
  const override = { driver_override: '(null)\n' };

  it('A-Q18 takes a VF from its driver', async () => {
    await scan({ ...both, ...pfTree({ ...c6xx, vfs: [{ ...c6xxVf, files: override }] }) }, c6xxvf);
    expect(await written('/sys/bus/pci/devices/0000:02:01.0/driver_override')).toBe('vfio-pci');
    expect(await written('/sys/bus/pci/drivers/c6xxvf/unbind')).toBe('0000:02:01.0');
    expect(await written('/sys/bus/pci/drivers/vfio-pci/bind')).toBe('0000:02:01.0');
  });

  it('A-Q19 only binds a VF that no driver has', async () => {
    const free: VfFixture = { bdf: '0000:02:01.0', id: '37c9', group: '7' };
    expect(healthOf(await scan({ ...both, ...pfTree({ ...c6xx, vfs: [free] }) }, c6xxvf))).toEqual({
      'generic 0000:02:01.0': 'Healthy',
    });
    expect(await written('/sys/bus/pci/drivers/c6xxvf/unbind')).toBe('');
    expect(await written('/sys/bus/pci/drivers/vfio-pci/bind')).toBe('0000:02:01.0');
  });

  it('leaves alone what is bound, and what is beyond the limit', async () => {
    const vfs = [
      { ...c6xxVf, driver: 'vfio-pci' },
      { ...c6xxVf, bdf: '0000:02:01.1' },
    ];
    await scan({ ...both, ...pfTree({ ...c6xx, vfs }) }, c6xxvf);
    expect(await written('/sys/bus/pci/drivers/c6xxvf/unbind')).toBe('');
    expect(await written('/sys/bus/pci/drivers/vfio-pci/bind')).toBe('');
  });

  it('does not happen with -bind-vfs=false: the VF is left out', async () => {
    const vfs = [c6xxVf, { ...c6xxVf, bdf: '0000:02:01.1', driver: 'vfio-pci' }];
    const tree = await scan({ ...both, ...pfTree({ ...c6xx, vfs }) }, { ...c6xxvf, 'bind-vfs': false });
    expect(Object.keys(healthOf(tree))).toEqual(['generic 0000:02:01.1']);
    expect(await written('/sys/bus/pci/drivers/c6xxvf/unbind')).toBe('');
    expect(await written('/sys/bus/pci/drivers/vfio-pci/bind')).toBe('');
  });
});

describe('what a container gets', () => {
  const nodes = (...paths: readonly string[]): unknown[] =>
    paths.map((path) => ({ containerPath: path, hostPath: path, permissions: 'rw' }));

  it('A-Q16 is the node and the sysfs directory with igb_uio', async () => {
    const path = '/sys/class/uio/sometestfile/device';
    expect(devicesOf(await scan({ ...both, ...pfTree({ ...c6xx, vfs: uioVfs }) }, uio))).toEqual({
      'generic 0000:02:01.0': {
        health: 'Healthy',
        nodes: nodes('/dev/sometestfile'),
        mounts: [{ containerPath: path, hostPath: path, readOnly: false }],
        envs: { 'QAT0000:02:01.0': '0000:02:01.0' },
      },
    });
  });

  it('A-Q22 is the nodes of VFIO, also in a virtual machine', async () => {
    expect(devicesOf(await scan({ ...both, ...vfTree(c6xxVf) }, c6xxvf))).toEqual({
      'generic 0000:02:01.0': {
        health: 'Healthy',
        nodes: nodes('/dev/vfio/vfiotestfile', '/dev/vfio/vfio'),
        envs: { 'QAT0000:02:01.0': '0000:02:01.0' },
      },
    });
  });

  it('A-Q23 is the node without an IOMMU where the kernel made up the group', async () => {
    const name = { '/sys/kernel/iommu_groups/vfiotestfile/name': 'vfio-noiommu\n' };
    const tree = devicesOf(await scan({ ...both, ...vfTree(c6xxVf), ...name }, c6xxvf));
    expect(tree['generic 0000:02:01.0']?.nodes).toEqual(nodes('/dev/vfio/noiommu-vfiotestfile', '/dev/vfio/vfio'));
  });

  it('is the node of the device with -vfio-mode=iommufd, and that of the group where there is none', async () => {
    const vfs = ['0000:02:01.0', '0000:02:01.1', '0000:02:01.2'].map((bdf, index) => ({
      ...c6xxVf,
      bdf,
      group: String(index),
      ...(index < 2 && { files: { [`vfio-dev/vfio${index}`]: dir() } }),
    }));
    const flags: Flags = { ...c6xxvf, 'max-num-devices': 3, 'vfio-mode': 'iommufd' };
    const iommufd = { ...groupNodes(0, 1, 2), '/dev/vfio/devices/vfio0': '', '/dev/iommu': '' };
    const tree = devicesOf(await scan({ ...both, ...pfTree({ ...c6xx, vfs }), ...iommufd }, flags));
    expect(Object.values(tree).map((device) => device.nodes)).toEqual([
      nodes('/dev/vfio/devices/vfio0', '/dev/iommu'),
      nodes('/dev/vfio/1', '/dev/vfio/vfio'),
      nodes('/dev/vfio/2', '/dev/vfio/vfio'),
    ]);
  });
});
