// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { ce48, d842, f7df, fpgaHost, pciDirectory, type CardFixture } from '../../test/fixtures/fpga-host.ts';
import { readFpgas } from '../sysfs.ts';
import type { FpgaSnapshot } from './fpga-snapshot.ts';

async function read(tree: FixtureTree): Promise<FpgaSnapshot> {
  await using fixture = await hostFixture(tree);
  return await readFpgas(new Host(fixture.root));
}

const dflCard: CardFixture = { driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } };

describe('readFpgas(), where something is not as it should be', () => {
  const two = { ...dflCard, ports: { 0: d842, 1: f7df } };

  it('leaves out a port without a node, and no other', async () => {
    const { ['/dev/dfl-port.0']: gone, ...tree } = fpgaHost(two);
    expect(gone).toBeDefined();
    const { ports, remarks } = await read(tree);
    expect(ports).toMatchObject([{ name: 'dfl-port.1', fme: 'dfl-fme.0', afuId: f7df }]);
    expect(remarks).toEqual([
      {
        message: 'FPGA port is left out',
        subject: 'dfl-port.0',
        reason: 'dfl-port.0 has no device node /dev/dfl-port.0',
      },
    ]);
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
