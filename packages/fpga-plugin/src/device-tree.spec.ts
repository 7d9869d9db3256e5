// SPDX-License-Identifier: Apache-2.0
import type { DeviceTree } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { fpgaDeviceTree } from './device-tree.ts';
import type { FpgaMode } from './options/fpga-mode.ts';
import type { Fme, FpgaSnapshot, Port } from './sysfs/fpga-snapshot.ts';

const [ce48, d842] = ['ce48969398f05f33946d560708be108a', 'd8424dc4a4a3c413f89e433683f9040b'] as const;
const allOnes = 'f'.repeat(32);
const pci = { bdf: '0000:3b:00.0', directory: '/sys/devices/pci0000:3b/0000:3b:00.0' };

function fme(name: string, interfaceId: string = ce48): Fme {
  return { name, node: `/dev/${name}`, directory: `${pci.directory}/${name}`, pci, interfaceId };
}

function port(name: string, of: string | undefined, afuId: string = d842, numaNode?: number): Port {
  const topology = numaNode === undefined ? {} : { topology: { nodes: [{ ID: numaNode }] } };
  return { name, node: `/dev/${name}`, directory: `${pci.directory}/${name}`, pci, fme: of, afuId, ...topology };
}

function snapshot(fmes: readonly Fme[], ports: readonly Port[]): FpgaSnapshot {
  return { driver: 'dfl', fmes, ports, remarks: [] };
}

/** Upstream's three regions, the last of which does not answer. */
const three = snapshot(
  [fme('dfl-fme.0'), fme('dfl-fme.1'), fme('dfl-fme.2', allOnes)],
  [
    port('dfl-port.0', 'dfl-fme.0'),
    port('dfl-port.1', 'dfl-fme.1'),
    port('dfl-port.2', 'dfl-fme.1'),
    port('dfl-port.3', 'dfl-fme.2', allOnes),
    port('dfl-port.4', 'dfl-fme.2', allOnes),
  ],
);

/** Resource → id → health and nodes. */
function shape(tree: DeviceTree): unknown {
  return Object.fromEntries(
    [...tree.resources].map(([resource, devices]) => [
      resource,
      Object.fromEntries(
        [...devices].map(([id, { health, nodes }]) => [
          id,
          [health, ...nodes.map(({ hostPath }) => hostPath)].join(' '),
        ]),
      ),
    ]),
  );
}

function treeOf(of: FpgaSnapshot, mode: FpgaMode): unknown {
  return shape(fpgaDeviceTree(of, mode).tree);
}

describe('fpgaDeviceTree()', () => {
  it('publishes functions port by port with mode af', () => {
    expect(treeOf(three, 'af')).toEqual({
      'af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs': {
        'dfl-port.0': 'Healthy /dev/dfl-port.0',
        'dfl-port.1': 'Healthy /dev/dfl-port.1',
        'dfl-port.2': 'Healthy /dev/dfl-port.2',
      },
      [`af-fff.fff.${'_'.repeat(42)}8`]: {
        'dfl-port.3': 'Unhealthy /dev/dfl-port.3',
        'dfl-port.4': 'Unhealthy /dev/dfl-port.4',
      },
    });
  });

  it('publishes regions with all of their ports with mode region', () => {
    expect(treeOf(three, 'region')).toEqual({
      [`region-${ce48}`]: {
        'dfl-fme.0': 'Healthy /dev/dfl-port.0',
        'dfl-fme.1': 'Healthy /dev/dfl-port.1 /dev/dfl-port.2',
      },
      [`region-${allOnes}`]: { 'dfl-fme.2': 'Unhealthy /dev/dfl-port.3 /dev/dfl-port.4' },
    });
  });

  it('adds the management engine, last, with mode regiondevel', () => {
    expect(treeOf(three, 'regiondevel')).toEqual({
      [`region-${ce48}`]: {
        'dfl-fme.0': 'Healthy /dev/dfl-port.0 /dev/dfl-fme.0',
        'dfl-fme.1': 'Healthy /dev/dfl-port.1 /dev/dfl-port.2 /dev/dfl-fme.1',
      },
      [`region-${allOnes}`]: { 'dfl-fme.2': 'Unhealthy /dev/dfl-port.3 /dev/dfl-port.4 /dev/dfl-fme.2' },
    });
  });

  it.each([
    ['af', 'af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs', 'dfl-port.0', undefined],
    ['regiondevel', `region-${ce48}`, 'dfl-fme.0', undefined],
    [
      'region',
      `region-${ce48}`,
      'dfl-fme.0',
      [
        {
          kind: 'intel.cdi.k8s.io/fpga',
          name: 'dfl-fme.0',
          containerEdits: {
            hooks: [{ hookName: 'createRuntime', path: '/opt/intel/fpga-sw/intel-fpga-crihook' }],
          },
        },
      ],
    ],
  ] as const)('gives a CDI device with the hook with mode region only: %s', (mode, resource, id, cdiDevices) => {
    expect(fpgaDeviceTree(three, mode).tree.resources.get(resource)?.get(id)?.cdiDevices).toEqual(cdiDevices);
  });

  it('gives rights to read and write nodes under their own names', () => {
    const [devices] = fpgaDeviceTree(three, 'af').tree.resources.values();
    expect(devices?.get('dfl-port.0')).toEqual({
      health: 'Healthy',
      nodes: [{ containerPath: '/dev/dfl-port.0', hostPath: '/dev/dfl-port.0', permissions: 'rw' }],
    });
  });

  it('puts a region next to the NUMA nodes of all its ports', () => {
    const ports = [port('dfl-port.0', 'dfl-fme.0', d842, 1), port('dfl-port.1', 'dfl-fme.0', d842, 0)];
    const topologies = (['af', 'region'] as const).map((mode) => {
      const [devices] = fpgaDeviceTree(snapshot([fme('dfl-fme.0')], ports), mode).tree.resources.values();
      return [...(devices?.values() ?? [])].map(({ topology }) => topology?.nodes.map(({ ID }) => ID));
    });
    expect(topologies).toEqual([[[1], [0]], [[0, 1]]]);
  });

  it.each([
    ['', 'its interface id is empty: the driver names none'],
    ['unparsable', 'its interface id is not hexadecimal: "unparsable"'],
    ['abc', 'its interface id is not hexadecimal: "abc"'],
  ])('leaves out a region with the interface id %j, and says why', (id, reason) => {
    const found = snapshot(
      [fme('dfl-fme.0', id), fme('dfl-fme.1')],
      [port('dfl-port.0', 'dfl-fme.0'), port('dfl-port.1', 'dfl-fme.1')],
    );
    for (const mode of ['af', 'region', 'regiondevel'] as const) {
      const { tree, remarks } = fpgaDeviceTree(found, mode);
      expect(remarks).toEqual([{ message: 'FPGA region is left out', subject: 'dfl-fme.0', reason }]);
      expect([...tree.resources.values()].flatMap((devices) => devices.size)).toEqual([1]);
    }
  });

  it('leaves out a port without a function with mode af, and keeps it in its region', () => {
    const found = snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0', ''), port('dfl-port.1', 'dfl-fme.0')]);
    expect(fpgaDeviceTree(found, 'af').remarks).toEqual([
      {
        message: 'FPGA port is left out',
        subject: 'dfl-port.0',
        reason: 'its AFU id is empty: the driver names none',
      },
    ]);
    expect(treeOf(found, 'region')).toEqual({
      [`region-${ce48}`]: { 'dfl-fme.0': 'Healthy /dev/dfl-port.0 /dev/dfl-port.1' },
    });
  });

  it('leaves out a port without an FME, and says why', () => {
    const { tree, remarks } = fpgaDeviceTree(snapshot([], [port('dfl-port.0', undefined)]), 'af');
    expect(tree.resources.size).toBe(0);
    expect(remarks).toMatchObject([
      { subject: 'dfl-port.0', reason: expect.stringContaining('0000:3b:00.0') as string },
    ]);
  });

  it('publishes no FME without ports, as that of a physical function', () => {
    expect(treeOf(snapshot([fme('dfl-fme.0')], []), 'region')).toEqual({});
  });

  it('keeps resources that have lost their devices', () => {
    expect(shape(fpgaDeviceTree(snapshot([], []), 'region', ['region-1234']).tree)).toEqual({ 'region-1234': {} });
  });
});
