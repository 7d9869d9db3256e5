// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { adfCtlPrinting, statusLine } from '../../../test/adf-ctl-program.ts';
import { readKernelDevices } from './read-kernel-devices.ts';

const iommuOff = { 'sys/class/iommu': dir() };
const iommuOn = { 'sys/class/iommu/dmar0': dir() };
const config = '[SSL]\nNumberCyInstances=1\nNumberDcInstances=0\nNumProcesses=2\n';
const uio = (type: string, address: string, ...names: string[]): FixtureTree => {
  const directory = `sys/bus/pci/drivers/${type}/${address}/uio`;
  return { [directory]: dir(), ...Object.fromEntries(names.map((name) => [`${directory}/${name}`, dir()])) };
};

describe('readKernelDevices()', () => {
  let fixture: HostFixture | undefined;

  afterEach(async () => await fixture?.dispose());

  async function read(tree: FixtureTree, ...lines: string[]) {
    fixture = await hostFixture(tree);
    const adfCtl = { path: await adfCtlPrinting(fixture, lines), timeoutMs: 15_000 };
    return await readKernelDevices(new Host(fixture.root), adfCtl, new AbortController().signal);
  }

  it('A-K1: reads three physical functions with their sections and nodes', async () => {
    const { devices, problems } = await read(
      {
        ...iommuOff,
        ...Object.fromEntries([0, 1, 2].map((index) => [`etc/c6xx_dev${index}.conf`, config])),
        ...uio('c6xx', '0000:3b:00.0', 'uio0', 'uio1'),
        ...uio('c6xx', '0000:3d:00.0', 'uio2'),
        ...uio('c6xx', '0000:da:00.0', 'uio3'),
      },
      statusLine('c6xx', 0, '0000:3b:00.0'),
      statusLine('c6xx', 1, '0000:3d:00.0'),
      statusLine('c6xx', 2, '0000:da:00.0'),
    );
    expect(devices.map(({ id, type, uioNodes }) => [type, id, uioNodes])).toEqual([
      ['c6xx', 'dev0', ['uio0', 'uio1']],
      ['c6xx', 'dev1', ['uio2']],
      ['c6xx', 'dev2', ['uio3']],
    ]);
    expect(devices[2]?.sections.get('SSL')).toMatchObject({ processes: 2 });
    expect(problems).toEqual(new Map());
  });

  it.each(['da:00.0', '0000:da:00.0'])(
    'A-K7b: finds the uio nodes of a device that adf_ctl names without its domain below %s',
    async (directory) => {
      const tree = { ...iommuOff, 'etc/c6xx_dev0.conf': config, ...uio('c6xx', directory, 'uio0', 'uio1') };
      const { devices } = await read(tree, statusLine('c6xx', 0, 'da:00.0'));
      expect(devices[0]?.uioNodes).toEqual(['uio0', 'uio1']);
    },
  );

  it('A-K7a: rejects when a device has no uio directory', async () => {
    const reading = read({ ...iommuOff, 'etc/c6xx_dev0.conf': config }, statusLine('c6xx', 0, 'da:00.0'));
    await expect(reading).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      message: expect.stringMatching(
        /drivers\/c6xx\/da:00\.0\/uio: it is not there; c6xx_dev0 has to be bound/,
      ) as unknown,
    });
  });

  it('tells of a device without uio nodes, and lists it', async () => {
    const tree = { ...iommuOff, 'etc/c6xx_dev0.conf': config, ...uio('c6xx', '0000:da:00.0') };
    const { devices, problems } = await read(tree, statusLine('c6xx', 0, '0000:da:00.0'));
    expect(devices).toHaveLength(1);
    expect([...problems]).toEqual([['c6xx_dev0', 'it has no uio node, so processes cannot reach it']]);
  });

  it('A-K3, A-K4: reads nothing of devices that it leaves out, and tells why', async () => {
    const lines = [statusLine('c6xx', 0, '0000:3b:00.0'), statusLine('4xxxvf', 1, '0000:6b:00.1')];
    const { devices, problems } = await read(iommuOn, ...lines);
    expect(devices).toEqual([]);
    expect([...problems.keys()]).toEqual(['c6xx_dev0', '4xxxvf_dev1']);
  });

  it('rejects when the configuration of a device is missing', async () => {
    const reading = read(
      { ...iommuOff, ...uio('c6xx', '0000:da:00.0', 'uio0') },
      statusLine('c6xx', 0, '0000:da:00.0'),
    );
    await expect(reading).rejects.toThrow(/\/etc\/c6xx_dev0\.conf: it is not there; mount \/etc/);
  });

  it('A-K10: rejects when the configuration of a device is wrong', async () => {
    const tree = { ...iommuOff, 'etc/c6xx_dev0.conf': config.replace('2', 'this is error') };
    await expect(read(tree, statusLine('c6xx', 0, '0000:da:00.0'))).rejects.toThrow(
      '/etc/c6xx_dev0.conf: [SSL] NumProcesses is "this is error"',
    );
  });

  it('A-K13: rejects when there is no sysfs', async () => {
    await expect(read({}, statusLine('c6xx', 0, '0000:da:00.0'))).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      message: expect.stringContaining('/sys/class/iommu: it is not there; mount /sys of the host') as unknown,
    });
  });

  it('lists no devices when adf_ctl names none', async () => {
    expect(await read(iommuOn)).toEqual({ devices: [], problems: new Map() });
  });
});
