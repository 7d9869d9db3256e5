// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { allOnes, ce48, d842 } from '../test/fixtures/fpga-host.ts';
import { fme, port, shape, snapshot } from '../test/fixtures/fpga-snapshot.ts';
import { fpgaDeviceTree, type FpgaHistory } from './device-tree.ts';
import { afResource } from './device-tree/resource-names.ts';
import { fpgaModes, type FpgaMode } from './options/fpga-mode.ts';
import type { FpgaSnapshot } from './sysfs/fpga-snapshot.ts';

const nlb0 = afResource(ce48, d842);

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

function treeOf(of: FpgaSnapshot, mode: FpgaMode, history?: FpgaHistory): unknown {
  return shape(fpgaDeviceTree(of, mode, history).tree);
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

  it.each(fpgaModes)(
    'publishes no FME without ports, as that of a physical function, and says so with mode %s',
    (mode) => {
      const { tree, remarks } = fpgaDeviceTree(snapshot([fme('dfl-fme.0')], []), mode);
      expect(shape(tree)).toEqual({});
      const reason = 'no port of this host is known to belong to it';
      expect(remarks).toEqual([{ message: 'FPGA region is left out', subject: 'dfl-fme.0', reason, level: 'info' }]);
    },
  );

  it('keeps resources that have lost their devices', () => {
    expect(shape(fpgaDeviceTree(snapshot([], []), 'region', { resources: ['region-1234'] }).tree)).toEqual({
      'region-1234': {},
    });
  });

  it.each([`region-${allOnes}`, afResource(allOnes, allOnes), afResource(ce48, allOnes), afResource(allOnes, d842)])(
    'keeps no resource of hardware that did not answer: %s',
    (resource) => {
      expect(shape(fpgaDeviceTree(snapshot([], []), 'af', { resources: [resource] }).tree)).toEqual({});
    },
  );

  it('publishes no region of which a port is left out, and its other ports all the same', () => {
    const found = snapshot([{ ...fme('dfl-fme.0'), missingPorts: ['dfl-port.1'] }], [port('dfl-port.0', 'dfl-fme.0')]);
    const reason = 'not all of its ports can be used: dfl-port.1';
    for (const mode of ['region', 'regiondevel'] as const) {
      const { tree, remarks } = fpgaDeviceTree(found, mode);
      expect(shape(tree)).toEqual({});
      expect(remarks).toEqual([{ message: 'FPGA region is left out', subject: 'dfl-fme.0', reason }]);
    }
    const { tree, remarks } = fpgaDeviceTree(found, 'af');
    expect([shape(tree), remarks]).toEqual([{ [nlb0]: { 'dfl-port.0': 'Healthy /dev/dfl-port.0' } }, []]);
  });

  it('says of a region that its ports are missing before it says that it has none', () => {
    const missing = { ...fme('dfl-fme.0'), missingPorts: ['dfl-port.1'] };
    expect(fpgaDeviceTree(snapshot([missing], []), 'region').remarks).toEqual([]);
  });
});

describe('fpgaDeviceTree(), after regions were given to pods', () => {
  it.each([
    ['af', nlb0, 'dfl-port.0'],
    ['region', `region-${ce48}`, 'dfl-fme.0'],
    ['regiondevel', `region-${ce48}`, 'dfl-fme.0'],
  ] as const)('keeps the hook of each with mode %s', (mode, resource, id) => {
    const found = snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0')]);
    const { tree } = fpgaDeviceTree(found, mode, { hadHooks: true });
    expect(
      tree.resources
        .get(resource)
        ?.get(id)
        ?.cdiDevices?.map(({ name }) => name),
    ).toEqual(['dfl-fme.0']);
  });
});
