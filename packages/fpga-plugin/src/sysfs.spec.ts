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

  it('takes OPAE where there are both drivers, and says what that leaves out', async () => {
    const message = 'FPGAs of another driver are left out';
    const remark = { message, subject: '/sys/class/fpga_region', reason: '/sys/class/fpga counts where it is there' };
    expect(await relations(fpgaHost(dflCard, { ...opaeCard, bdf: '0000:5e:00.0' }))).toMatchObject({
      driver: 'opae',
      fmes: { 'intel-fpga-fme.0': ce48 },
      remarks: [remark],
    });
    expect(await relations({ ...fpgaHost(dflCard), '/sys/class/fpga': dir() })).toMatchObject({
      driver: 'opae',
      fmes: {},
      remarks: [remark],
    });
  });

  it('says nothing of another driver that has no FPGAs, and all of one that cannot be read', async () => {
    const { remarks } = await read({ ...fpgaHost(opaeCard), '/sys/class/fpga_region/dir': dir() });
    expect(remarks).toEqual([]);
    const unreadable = await read({ ...fpgaHost(opaeCard), '/sys/class/fpga_region': link('fpga_region') });
    expect(unreadable.ports).toHaveLength(1);
    expect(unreadable.remarks).toMatchObject([{ subject: '/sys/class/fpga_region' }]);
  });

  it('leaves out entries that are no FPGA, and passes over those of single regions', async () => {
    const region = '/sys/devices/pci0000:3b/0000:3b:00.0/fpga_region/region0/dfl-fme.0/dfl-fme-region.0/fpga_region';
    const tree = {
      ...fpgaHost(dflCard),
      '/sys/class/fpga_region/dir': dir(),
      '/sys/class/fpga_region/regionX': dir(),
      '/sys/class/fpga_region/region10': link(`../../..${region}/region10`),
      '/sys/class/fpga_region/region11': link('nowhere'),
    };
    const { fmes, remarks } = await read(tree);
    expect(fmes.map(({ name }) => name)).toEqual(['dfl-fme.0']);
    const noName = 'no FPGA in /sys/class/fpga_region has such a name';
    expect(remarks).toEqual(
      [
        ['dir', noName],
        ['regionX', noName],
        ['region11', 'it is a link to nothing'],
      ].map(([subject, reason]) => ({ message: 'FPGA is left out', subject, reason })),
    );
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
    [[], '', undefined],
    [[ce48, ce48], ce48, undefined],
    [[ce48, d842], '', `differs between its regions: ${ce48}, ${d842}`],
  ])('reads the interface id of the regions %j', async (ids, interfaceId, idProblem) => {
    const { fmes, remarks } = await read(fpgaHost({ ...dflCard, fmes: { 0: ids } }));
    expect(fmes.map((fme) => [fme.interfaceId, fme.idProblem])).toEqual([[interfaceId, idProblem]]);
    expect(remarks).toEqual([]);
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
    expect(ports.map(({ afuId, idProblem }) => [afuId, idProblem])).toEqual([
      ['', expect.stringMatching(/^is not known: cannot read .*afu_id of the host: /)],
      [f7df, undefined],
    ]);
    expect(remarks).toEqual([]);
  });

  it('tells an FME which of its ports are missing', async () => {
    const { ['/dev/dfl-port.0']: gone, ...tree } = fpgaHost(two);
    expect(gone).toBeDefined();
    const { fmes } = await read(tree);
    expect(fmes.map(({ missingPorts }) => missingPorts)).toEqual([['dfl-port.0']]);
  });

  it.each<[what: string, tree: FixtureTree, problem: string]>([
    [
      'is in a virtual machine',
      fpgaHost({ ...dflCard, fmes: {} }),
      '0000:3b:00.0 has no management engine (FME): in a virtual machine only the host has it, and elsewhere it is dfl-fme that is not loaded',
    ],
    [
      'has an engine without a node',
      Object.fromEntries(Object.entries(fpgaHost(dflCard)).filter(([path]) => path !== '/dev/dfl-fme.0')),
      'its management engine (FME) dfl-fme.0 is left out',
    ],
    [
      'has several engines',
      fpgaHost({ ...dflCard, fmes: { 0: ce48, 1: ce48 } }),
      'nobody can tell which management engine (FME) it belongs to: dfl-fme.0, dfl-fme.1',
    ],
    [
      'is on a virtual function of what is not there',
      fpgaHost({ ...dflCard, fmes: {}, physicalFunction: '0000:3b:00.7' }),
      '0000:3b:00.7, whose virtual function 0000:3b:00.0 is, has no management engine (FME) here',
    ],
  ])('knows why a port has no FME: it %s', async (_, tree, problem) => {
    const { ports } = await read(tree);
    expect(ports.map(({ fme, fmeProblem }) => [fme, fmeProblem])).toEqual([[undefined, problem]]);
  });

  it('offers a port whose NUMA node is not known', async () => {
    const tree = fpgaHost({ ...two, files: {} });
    const { ports, remarks } = await read({ ...tree, [`${pciDirectory(two.bdf)}/numa_node`]: 'x\n' });
    expect(ports.map(({ topology }) => topology)).toEqual([undefined, undefined]);
    expect(remarks.map(({ message, subject }) => [message, subject])).toEqual(
      ['dfl-port.0', 'dfl-port.1'].map((name) => ['the NUMA node of an FPGA port is not known', name]),
    );
  });

  it('offers an FME whose id cannot be read, and says why', async () => {
    const loop = { ...dflCard, files: { 'dfl-fme.0/dfl-fme-region.0/fpga_region': link('fpga_region') } };
    const { fmes, ports, remarks } = await read(fpgaHost({ ...loop, fmes: { 0: [] } }));
    expect(fmes).toMatchObject([
      { interfaceId: '', idProblem: expect.stringMatching(/^is not known: cannot read .*: more than/) as unknown },
    ]);
    expect(ports.map(({ fme }) => fme)).toEqual(['dfl-fme.0']);
    expect(remarks).toEqual([]);
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
      {
        message: 'FPGA is left out',
        subject: 'region9',
        reason: 'it is no link to a device, as entries of a class are',
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

  it('rejects when there is a file in the place of the class', async () => {
    await expect(read({ '/sys/class/fpga_region': 'x' })).rejects.toMatchObject({
      code: 'HOST_UNREADABLE',
      message: '/sys/class/fpga_region is no directory',
    });
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
