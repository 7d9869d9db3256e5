// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DeviceTree } from '@kube-device-plugins/core';
import { deviceTree } from './device-tree.ts';
import { simulatedState } from './device-tree/simulated-state.ts';
import type { SimpleOptions } from './options.ts';
import type { SimulatedResource } from './options/simulated-resource.ts';
import type { FoundDevice, FoundResource } from './sysfs.ts';

const none: SimpleOptions = { hostResources: [], simulatedResources: [], nodeName: 'node1', scanPeriodMs: 5_000 };

const red: SimulatedResource = {
  resourceName: 'example.com/red',
  numberDevicesOnNode: 2,
  pluginName: '',
  deviceIDPrefix: 'red',
  annotationPrefix: '',
  envPrefix: '',
  deviceFilePrefix: '',
  valueStyle: 'index',
  script: [],
};

const simulate = (change: Partial<SimulatedResource>): SimpleOptions => ({
  ...none,
  simulatedResources: [{ ...red, ...change }],
});

/** The tree a moment after the start. */
function treeOf(found: readonly FoundResource[], options = none): DeviceTree {
  const states = options.simulatedResources.map(
    (resource) => [resource.resourceName, simulatedState(resource, 0, [])] as const,
  );
  return deviceTree(found, options, new Map(states));
}

const tty: FoundDevice = {
  name: ['/dev/ttyUSB0'],
  nodes: [{ containerPath: '/dev/ttyUSB0', hostPath: '/dev/ttyUSB0', permissions: 'r', number: 'char 188:0' }],
  mounts: [],
  count: 1,
};

const devicesOf = (...devices: FoundDevice[]) => [
  ...(treeOf([{ name: 'a.b/c', devices }]).resources.get('a.b/c') ?? []),
];

/** What the simulated devices give, each property asked for. */
const simulatedDevices = (change: Partial<SimulatedResource>) =>
  [...(treeOf([], simulate(change)).resources.get('example.com/red') ?? [])].map(
    ([id, { health, nodes, envs, annotations }]) => [id, { health, nodes, envs, annotations }] as const,
  );

describe('deviceTree()', () => {
  it('gives a container the nodes, mounts and place of a device', () => {
    const topology = { nodes: [{ ID: 1 }] };
    const mounts = [{ containerPath: '/etc/tty', hostPath: '/opt/tty', readOnly: true }];
    const nodes = [{ containerPath: '/dev/ttyUSB0', hostPath: '/dev/ttyUSB0', permissions: 'r' }];
    expect(devicesOf({ ...tty, mounts, topology })).toEqual([
      ['ttyUSB0', { health: 'Healthy', nodes, mounts, topology }],
    ]);
  });

  it('lists a device that cannot be had as unhealthy', () => {
    expect(devicesOf({ ...tty, problem: 'does not exist' })).toMatchObject([
      ['ttyUSB0', { health: 'Unhealthy', healthReason: '/dev/ttyUSB0 does not exist' }],
    ]);
  });

  it('says of several parts which one is missing', () => {
    const problem = '/dev/b does not exist';
    const [[, info] = []] = devicesOf({ ...tty, name: ['/dev/a', '/dev/b'], problem });
    expect(info).toMatchObject({ health: 'Unhealthy', healthReason: problem });
  });

  it('lists each share of a device under an id of its own, all with the same nodes', () => {
    const shares = devicesOf({ ...tty, count: 3 });
    expect(shares.map(([id]) => id)).toEqual(['ttyUSB0::0', 'ttyUSB0::1', 'ttyUSB0::2']);
    expect(new Set(shares.map(([, device]) => device.nodes))).toHaveLength(1);
  });

  it('leaves room in the id for the number of the share', () => {
    const id = devicesOf({ ...tty, name: [`/dev/${'x'.repeat(63)}`], count: 1_000 }).at(-1)?.[0];
    expect(id).toMatch(/^x{45}~[0-9a-f]{12}::999$/);
    expect(id).toHaveLength(63);
  });

  it('keeps resources without devices', () => {
    const tree = treeOf([{ name: 'a.b/loop', devices: [] }], simulate({ numberDevicesOnNode: 0 }));
    expect([...tree.resources.keys()]).toEqual(['a.b/loop', 'example.com/red']);
    expect(tree.deviceTypeCount('a.b/loop')).toBe(0);
    expect(tree.deviceTypeCount('example.com/red')).toBe(0);
  });

  it('simulates devices that give nothing unless they are told to', () => {
    const info = { health: 'Healthy', nodes: [], envs: {}, annotations: {} };
    expect(simulatedDevices({})).toEqual([
      ['red-node1-0', info],
      ['red-node1-1', info],
    ]);
  });

  it.each([
    ['index', '1'],
    ['id', 'red-node1-1'],
  ] as const)('names by %s what a simulated device gives', (valueStyle, shown) => {
    const options = { valueStyle, annotationPrefix: 'note', envPrefix: 'RED', deviceFilePrefix: 'file' } as const;
    const path = `/dev/file-${shown}`;
    expect(simulatedDevices(options)[1]).toEqual([
      'red-node1-1',
      {
        health: 'Healthy',
        nodes: [{ containerPath: path, hostPath: path, permissions: 'rw' }],
        envs: { 'RED_red-node1-1': `/dev/${shown}` },
        annotations: { 'note-red-node1-1': '' },
      },
    ]);
  });

  it('makes simulated devices that are equal when they give the same', () => {
    const devices = (change: Partial<SimulatedResource>) => treeOf([], simulate(change)).resources;
    const fails = [{ atMs: 0, signal: 0, action: { kind: 'fail', devices: [1], reason: '' } }] as const;
    expect(isDeepStrictEqual(devices({ envPrefix: 'RED' }), devices({ envPrefix: 'RED' }))).toBe(true);
    expect(isDeepStrictEqual(devices({ envPrefix: 'RED' }), devices({ envPrefix: 'BLUE' }))).toBe(false);
    expect(isDeepStrictEqual(devices({}), devices({ script: fails }))).toBe(false);
  });

  it('lists of a simulated resource what its script has left', () => {
    const script = [
      { atMs: 0, signal: 0, action: { kind: 'fail', devices: [1], reason: 'hot' } },
      { atMs: 0, signal: 0, action: { kind: 'remove', devices: [0] } },
      { atMs: 0, signal: 0, action: { kind: 'add', devices: [7] } },
    ] as const;
    const devices = treeOf([], simulate({ script })).resources.get('example.com/red');
    expect([...(devices ?? [])].map(([id, { health, healthReason }]) => [id, health, healthReason])).toEqual([
      ['red-node1-1', 'Unhealthy', 'hot'],
      ['red-node1-7', 'Healthy', undefined],
    ]);
  });
});
