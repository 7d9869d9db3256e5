// SPDX-License-Identifier: Apache-2.0
import { dir, link, verdictsOn, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { checks } from './doctor.ts';

const card = 'sys/bus/pci/devices/0000:5e:00.0';
const board: FixtureTree = { [`${card}/vendor`]: '0x8086\n', [`${card}/device`]: '0x09C4\n' };
const driven: FixtureTree = { ...board, [`${card}/driver`]: link('../../drivers/dfl-pci') };

describe('fpga-driver', () => {
  it.each<[string, FixtureTree]>([
    ['not applicable: there is no board with an FPGA that is known', { 'sys/class/fpga_region': dir() }],
    ['problem: 0000:5e:00.0 (PAC with Arria 10 GX) has no driver', board],
    ['problem: 0000:5e:00.0 (PAC with Arria 10 GX): its driver shows no FPGA', driven],
    ['ok: 1 in /sys/class/fpga_region', { ...driven, 'sys/class/fpga_region/region0': dir() }],
    ['ok: 1 in /sys/class/fpga', { 'sys/class/fpga/intel-fpga-dev.0': dir() }],
  ])('says %j', async (verdict, tree) => {
    expect((await verdictsOn(checks, tree))['fpga-driver']).toBe(verdict);
  });
});

describe('fpga-nodes', () => {
  const port = { 'sys/bus/platform/devices/dfl-port.0': dir(), 'sys/bus/platform/devices/other.0': dir() };

  it.each<[string, FixtureTree]>([
    ['not applicable: there is no port', {}],
    ['ok: dfl-port.0', { ...port, 'dev/dfl-port.0': '' }],
    ['problem: /dev lacks dfl-port.0', port],
  ])('says %j', async (verdict, tree) => {
    expect((await verdictsOn(checks, tree))['fpga-nodes']).toBe(verdict);
  });
});
