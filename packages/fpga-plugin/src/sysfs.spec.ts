// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { allOnes, ce48, d842, f7df, fpgaHost, pciDirectory, type CardFixture } from '../test/fixtures/fpga-host.ts';
import { readFpgas } from './sysfs.ts';
import { boardOf, boards } from './sysfs/boards.ts';
import type { FpgaSnapshot } from './sysfs/fpga-snapshot.ts';

async function read(tree: FixtureTree): Promise<FpgaSnapshot> {
  await using fixture = await hostFixture(tree);
  return await readFpgas(new Host(fixture.root));
}

/** The parts that most tests are about. */
async function relations(tree: FixtureTree): Promise<unknown> {
  const { driver, fmes, ports, remarks } = await read(tree);
  return {
    driver,
    fmes: Object.fromEntries(fmes.map(({ name, interfaceId }) => [name, interfaceId])),
    ports: Object.fromEntries(ports.map(({ name, fme, afuId }) => [name, `${fme ?? 'none'} ${afuId}`])),
    remarks,
  };
}

const opaeCard: CardFixture = { driver: 'opae', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } };
const dflCard: CardFixture = { driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } };

describe('readFpgas()', () => {
  it('finds nothing, and says so, without a driver', async () => {
    const { driver, fmes, ports, remarks } = await read({ '/sys/class/net': dir() });
    expect([driver, fmes, ports]).toEqual([undefined, [], []]);
    expect(remarks).toMatchObject([{ subject: '/sys/class/fpga, /sys/class/fpga_region' }]);
  });

  it.each(['/sys/class/fpga', '/sys/class/fpga_region'])('finds nothing in an empty %s', async (directory) => {
    expect(await relations({ [directory]: dir() })).toMatchObject({ fmes: {}, ports: {}, remarks: [] });
  });

  it('reads all there is to know of a card', async () => {
    const snapshot = await read(fpgaHost({ ...dflCard, numaNode: 1 }));
    const directory = '/sys/devices/pci0000:3b/0000:3b:00.0';
    const pci = { bdf: '0000:3b:00.0', directory };
    const [fme, port] = ['dfl-fme.0', 'dfl-port.0'].map((name) => ({
      name,
      node: `/dev/${name}`,
      directory: `${directory}/fpga_region/region0/${name}`,
      pci,
    }));
    expect(snapshot).toEqual({
      driver: 'dfl',
      fmes: [{ ...fme, interfaceId: ce48 }],
      ports: [{ ...port, fme: 'dfl-fme.0', afuId: d842, topology: { nodes: [{ ID: 1 }] } }],
      remarks: [],
    });
  });

  it('reads two cards of OPAE', async () => {
    const second = { ...opaeCard, number: 1, bdf: '0000:5e:00.0', fmes: { 1: ce48 }, ports: { 1: f7df } };
    expect(await relations(fpgaHost(opaeCard, second))).toEqual({
      driver: 'opae',
      fmes: { 'intel-fpga-fme.0': ce48, 'intel-fpga-fme.1': ce48 },
      ports: { 'intel-fpga-port.0': `intel-fpga-fme.0 ${d842}`, 'intel-fpga-port.1': `intel-fpga-fme.1 ${f7df}` },
      remarks: [],
    });
  });

  it.each(['opae', 'dfl'] as const)('finds the FME of a port on a virtual function (SR-IOV, %s)', async (driver) => {
    const [fme, port] = driver === 'opae' ? ['intel-fpga-fme', 'intel-fpga-port'] : ['dfl-fme', 'dfl-port'];
    const tree = fpgaHost(
      { driver, number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } },
      { driver, number: 1, bdf: '0000:42:00.0', fmes: { 1: ce48 } },
      {
        ...{ driver, number: 2, bdf: '0000:42:00.1', ports: { 2: f7df } },
        ...{ physicalFunction: '0000:42:00.0', pciId: ['0x8086', '0x09c5'] as const },
      },
    );
    expect(await relations(tree)).toEqual({
      driver,
      fmes: { [`${fme}.0`]: ce48, [`${fme}.1`]: ce48 },
      ports: { [`${port}.0`]: `${fme}.0 ${d842}`, [`${port}.2`]: `${fme}.1 ${f7df}` },
      remarks: [],
    });
  });

  it('keeps all ports of a region, in the order of their numbers', async () => {
    const { ports } = await read(fpgaHost({ ...dflCard, ports: { 10: d842, 2: d842, 0: d842 } }));
    expect(ports.map(({ name, fme }) => [name, fme])).toEqual([
      ['dfl-port.0', 'dfl-fme.0'],
      ['dfl-port.2', 'dfl-fme.0'],
      ['dfl-port.10', 'dfl-fme.0'],
    ]);
  });

  it('knows no FME of a virtual function in a virtual machine', async () => {
    const vf = { ...dflCard, fmes: {}, pciId: ['0x8086', '0x09c5'] as const };
    expect(await relations(fpgaHost(vf))).toMatchObject({ ports: { 'dfl-port.0': `none ${d842}` }, remarks: [] });
  });

  it('does not guess which of two FMEs a port belongs to', async () => {
    expect(await relations(fpgaHost({ ...dflCard, fmes: { 0: ce48, 1: ce48 } }))).toMatchObject({
      ports: { 'dfl-port.0': `none ${d842}` },
    });
  });

  it('takes OPAE where there are both drivers', async () => {
    expect(await relations(fpgaHost(dflCard, { ...opaeCard, bdf: '0000:5e:00.0' }))).toMatchObject({
      driver: 'opae',
      fmes: { 'intel-fpga-fme.0': ce48 },
    });
  });

  it('passes over entries that are no FPGA, and those of single regions', async () => {
    const region = '/sys/devices/pci0000:3b/0000:3b:00.0/fpga_region/region0/dfl-fme.0/dfl-fme-region.0/fpga_region';
    const tree = {
      ...fpgaHost(dflCard),
      '/sys/class/fpga_region/dir': dir(),
      '/sys/class/fpga_region/regionX': dir(),
      '/sys/class/fpga_region/region10': link(`../../..${region}/region10`),
      '/sys/class/fpga_region/region11': link('nowhere'),
    };
    expect(await relations(tree)).toMatchObject({ fmes: { 'dfl-fme.0': ce48 }, remarks: [] });
  });

  it('writes ids in lower case and without dashes', async () => {
    const dashed = 'CE489693-98F0-5F33-946D-560708BE108A';
    expect(
      await relations(fpgaHost({ ...opaeCard, fmes: { 0: dashed }, ports: { 0: allOnes.toUpperCase() } })),
    ).toMatchObject({
      fmes: { 'intel-fpga-fme.0': ce48 },
      ports: { 'intel-fpga-port.0': `intel-fpga-fme.0 ${allOnes}` },
    });
  });

  it.each([
    [[], '', []],
    [[ce48, ce48], ce48, []],
    [[ce48, d842], '', [{ subject: 'dfl-fme.0', reason: `its regions have different ones: ${ce48}, ${d842}` }]],
  ])('reads the interface id of the regions %j', async (ids, interfaceId, remarks) => {
    expect(await relations(fpgaHost({ ...dflCard, fmes: { 0: ids } }))).toMatchObject({
      fmes: { 'dfl-fme.0': interfaceId },
      remarks,
    });
  });
});

describe('readFpgas(), where something is not as it should be', () => {
  const two = { ...dflCard, ports: { 0: d842, 1: f7df } };

  it('leaves out a port without a node, and no other', async () => {
    const { ['/dev/dfl-port.0']: gone, ...tree } = fpgaHost(two);
    expect(gone).toBeDefined();
    expect(await relations(tree)).toMatchObject({
      ports: { 'dfl-port.1': `dfl-fme.0 ${f7df}` },
      remarks: [
        {
          message: 'FPGA port is left out',
          subject: 'dfl-port.0',
          reason: 'dfl-port.0 has no device node /dev/dfl-port.0',
        },
      ],
    });
  });

  it.each([
    ['an unreadable one', dir()],
    ['one that is too large', 'f'.repeat(300)],
  ])('offers a port whose function is not known: %s', async (_, entry) => {
    const { ports, remarks } = await read(fpgaHost({ ...two, files: { 'dfl-port.0/afu_id': entry } }));
    expect(ports.map(({ afuId }) => afuId)).toEqual(['', f7df]);
    expect(remarks).toMatchObject([{ message: 'the function of an FPGA port is not known', subject: 'dfl-port.0' }]);
  });

  it('offers a port whose NUMA node is not known', async () => {
    const tree = fpgaHost({ ...two, files: {} });
    const { ports, remarks } = await read({ ...tree, [`${pciDirectory(two.bdf)}/numa_node`]: 'x\n' });
    expect(ports.map(({ topology }) => topology)).toEqual([undefined, undefined]);
    expect(remarks.map(({ message, subject }) => [message, subject])).toEqual(
      ['dfl-port.0', 'dfl-port.1'].map((name) => ['the NUMA node of an FPGA port is not known', name]),
    );
  });

  it('leaves out an FME that cannot be read, and no other card', async () => {
    const other = { ...dflCard, number: 1, bdf: '0000:5e:00.0', fmes: { 1: ce48 }, ports: { 1: f7df } };
    const bad = { ...dflCard, files: { 'dfl-fme.0/dfl-fme-region.0/fpga_region': link('fpga_region') } };
    expect(await relations(fpgaHost({ ...bad, fmes: { 0: [] } }, other))).toMatchObject({
      fmes: { 'dfl-fme.1': ce48 },
      ports: { 'dfl-port.0': `none ${d842}`, 'dfl-port.1': `dfl-fme.1 ${f7df}` },
      remarks: [{ message: 'FPGA management engine is left out', subject: 'dfl-fme.0' }],
    });
  });

  it('leaves out what is no part of a PCI function, and what cannot be read', async () => {
    const tree = {
      ...fpgaHost(dflCard),
      '/sys/devices/platform/soc/fpga_region/region8/dfl-port.8/afu_id': d842,
      '/sys/class/fpga_region/region8': link('../../devices/platform/soc/fpga_region/region8'),
      '/sys/class/fpga_region/region9': 'no directory, which a class never has',
    };
    const { ports, remarks } = await read(tree);
    expect(ports.map(({ name }) => name)).toEqual(['dfl-port.0']);
    expect(remarks).toEqual([
      {
        message: 'FPGA is left out',
        subject: 'region8',
        reason: '/sys/devices/platform/soc/fpga_region/region8 is no part of a PCI function',
      },
    ]);
  });

  it('offers a board that is not in the table, with a remark', async () => {
    const { ports, remarks } = await read(fpgaHost({ ...dflCard, pciId: ['0x1172', '0x5170'] }));
    expect(ports).toHaveLength(1);
    expect(remarks).toEqual([
      {
        message: 'the board is not known, it is offered all the same',
        subject: '0000:3b:00.0',
        reason: 'its PCI id is 1172:5170 and its driver dfl-pci',
      },
    ]);
  });

  it('offers a board that tells nothing of itself', async () => {
    const tree = Object.entries(fpgaHost(dflCard)).filter(([path]) => !/\/(vendor|device|driver)$/.test(path));
    const { ports, remarks } = await read(Object.fromEntries(tree));
    expect(ports).toHaveLength(1);
    expect(remarks).toMatchObject([{ reason: 'its PCI id is ?:? and its driver none' }]);
  });

  it('offers a board whose PCI id cannot be read', async () => {
    const { ports, remarks } = await read({ ...fpgaHost(dflCard), [`${pciDirectory(dflCard.bdf)}/vendor`]: dir() });
    expect(ports).toHaveLength(1);
    expect(remarks).toMatchObject([{ message: 'the PCI id of an FPGA is not known', subject: '0000:3b:00.0' }]);
  });

  it('rejects when the class cannot be read', async () => {
    await expect(read({ '/sys/class/fpga': link('fpga') })).rejects.toMatchObject({ code: 'HOST_UNREADABLE' });
  });
});

describe('boards', () => {
  it('has each id once', () => {
    expect(new Set(boards.map(({ id }) => id))).toHaveLength(boards.length);
    for (const board of boards) {
      const [vendor = '', device = ''] = board.id.split(':');
      expect(boardOf(`0x${vendor}`, `0x${device.toUpperCase()}`)).toBe(board);
    }
  });
});
