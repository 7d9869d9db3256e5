// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { allOnes, ce48, d842, f7df, fpgaHost, type CardFixture } from '../test/fixtures/fpga-host.ts';
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
    const reason = '/sys/class/fpga is there, and counts: unload the driver that makes it to have these';
    const remark = { message, subject: '/sys/class/fpga_region', reason };
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

describe('boards', () => {
  it('has each id once', () => {
    expect(new Set(boards.map(({ id }) => id))).toHaveLength(boards.length);
    for (const board of boards) {
      const [vendor = '', device = ''] = board.id.split(':');
      expect(boardOf(`0x${vendor}`, `0x${device.toUpperCase()}`)).toBe(board);
    }
  });
});
