// SPDX-License-Identifier: Apache-2.0
import type { DeviceTree } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { fpgaDeviceTree, type FpgaHistory } from './device-tree.ts';
import { knownIds } from './device-tree/fpga-ids.ts';
import { afResource } from './device-tree/resource-names.ts';
import { fpgaModes, type FpgaMode } from './options/fpga-mode.ts';
import type { Fme, FpgaSnapshot, Port } from './sysfs/fpga-snapshot.ts';

const [ce48, d842] = ['ce48969398f05f33946d560708be108a', 'd8424dc4a4a3c413f89e433683f9040b'] as const;
const nlb0 = afResource(ce48, d842);
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
      const reason = 'it has no ports on this host';
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

describe('fpgaDeviceTree(), where ids are not as they should be', () => {
  const zeros = '0'.repeat(32);
  const silent = 'is all ones: the hardware does not answer';

  it.each<[what: string, port: Partial<Port>, fme: Partial<Fme>, reason: string]>([
    ['an AFU id of all ones', { afuId: allOnes }, {}, `its AFU id ${silent}`],
    ['an AFU id of all zeros', { afuId: zeros }, {}, 'its AFU id is all zeros, which is the id of none'],
    ['no AFU id', { afuId: '' }, {}, 'its AFU id is empty: the driver names none'],
    ['no readable one', { afuId: '', idProblem: 'is not known: EBUSY' }, {}, 'its AFU id is not known: EBUSY'],
    ['an interface id of all ones', {}, { interfaceId: allOnes }, `its interface id ${silent}`],
    ['no interface id', {}, { interfaceId: '', idProblem: 'differs' }, 'its interface id differs'],
  ])('keeps a port where it was known, and says why it is unhealthy: %s', (_, ofPort, ofFme, healthReason) => {
    const well = snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0')]);
    const ill = snapshot([{ ...fme('dfl-fme.0'), ...ofFme }], [{ ...port('dfl-port.0', 'dfl-fme.0'), ...ofPort }]);
    const ids = knownIds(ill, knownIds(ill, knownIds(well, new Map())));
    const { tree, remarks } = fpgaDeviceTree(ill, 'af', { ids });
    expect([shape(tree), remarks]).toEqual([{ [nlb0]: { 'dfl-port.0': 'Unhealthy /dev/dfl-port.0' } }, []]);
    expect(tree.resources.get(nlb0)?.get('dfl-port.0')).toMatchObject({ healthReason });
    expect(treeOf(well, 'af', { ids: knownIds(well, ids) })).toEqual({
      [nlb0]: { 'dfl-port.0': 'Healthy /dev/dfl-port.0' },
    });
  });

  it.each(['region', 'regiondevel'] as const)('keeps a region where it was known with mode %s', (mode) => {
    const ports = [port('dfl-port.0', 'dfl-fme.0')];
    const ids = knownIds(snapshot([fme('dfl-fme.0')], ports), new Map());
    const { tree } = fpgaDeviceTree(snapshot([fme('dfl-fme.0', allOnes)], ports), mode, { ids });
    expect([...tree.resources.keys()]).toEqual([`region-${ce48}`]);
    expect(tree.resources.get(`region-${ce48}`)?.get('dfl-fme.0')).toMatchObject({
      health: 'Unhealthy',
      healthReason: `its interface id ${silent}`,
    });
  });

  it('forgets the ids of what is gone', () => {
    const ids = knownIds(snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0')]), new Map());
    expect(ids.size).toBe(2);
    expect(knownIds(snapshot([], []), ids)).toEqual(new Map());
  });

  it.each(['region', 'regiondevel'] as const)(
    'takes a region for ill when none of its ports answers, with mode %s',
    (mode) => {
      const region = (...afuIds: string[]): unknown =>
        fpgaDeviceTree(
          snapshot(
            [fme('dfl-fme.0')],
            afuIds.map((afuId, number) => port(`dfl-port.${number}`, 'dfl-fme.0', afuId)),
          ),
          mode,
        )
          .tree.resources.get(`region-${ce48}`)
          ?.get('dfl-fme.0');
      expect(region(allOnes, allOnes)).toMatchObject({
        health: 'Unhealthy',
        healthReason: 'the AFU ids of all its ports are all ones: the hardware does not answer',
      });
      expect(region(allOnes, d842)).toMatchObject({ health: 'Healthy' });
      expect(region(allOnes, '')).toMatchObject({ health: 'Healthy' });
    },
  );

  it('takes a port for ill whose region does not answer', () => {
    const found = snapshot([fme('dfl-fme.0', allOnes)], [port('dfl-port.0', 'dfl-fme.0')]);
    expect(treeOf(found, 'af')).toEqual({
      [afResource(allOnes, d842)]: { 'dfl-port.0': 'Unhealthy /dev/dfl-port.0' },
    });
  });

  it('leaves out a port whose id was never known, with the one true reason', () => {
    const idProblem = 'is not known: EBUSY';
    const found = snapshot([fme('dfl-fme.0')], [{ ...port('dfl-port.0', 'dfl-fme.0', ''), idProblem }]);
    const reason = `its AFU id ${idProblem}`;
    const subject = 'dfl-port.0';
    expect(fpgaDeviceTree(found, 'af').remarks).toEqual([{ message: 'FPGA port is left out', subject, reason }]);
    expect(fpgaDeviceTree(found, 'region').remarks).toEqual([
      { message: 'the function of an FPGA port is not known', subject, reason, level: 'detail' },
    ]);
  });

  it.each([zeros, '0000'])('leaves out %s, which is the id of nothing', (id) => {
    const ofPort = snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0', id)]);
    const ofFme = snapshot([fme('dfl-fme.0', id)], [port('dfl-port.0', 'dfl-fme.0')]);
    for (const found of [ofPort, ofFme]) {
      const { tree, remarks } = fpgaDeviceTree(found, 'af');
      expect(tree.resources.size).toBe(0);
      expect(remarks).toMatchObject([
        { reason: expect.stringContaining('all zeros, which is the id of none') as unknown },
      ]);
    }
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
