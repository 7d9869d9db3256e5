// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { deviceTree } from './device-tree.ts';
import type { SimpleOptions } from './options.ts';
import type { SimulatedResource } from './options/simulated-resource.ts';

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
};

const simulate = (change: Partial<SimulatedResource>): SimpleOptions => ({
  ...none,
  simulatedResources: [{ ...red, ...change }],
});

describe('deviceTree()', () => {
  it('gives a container the node at the path that was asked for', () => {
    const alias = '/dev/serial/by-id/usb-x';
    const topology = { nodes: [{ ID: 1 }] };
    const devices = [{ path: alias, permissions: 'r', node: '/dev/ttyUSB0', topology }];
    const tree = deviceTree([{ name: 'example.com/tty', devices }], none);
    expect(tree.resources.get('example.com/tty')).toEqual(
      new Map([
        [
          'serial-by-id-usb-x',
          {
            health: 'Healthy',
            nodes: [{ containerPath: alias, hostPath: '/dev/ttyUSB0', permissions: 'r' }],
            topology,
          },
        ],
      ]),
    );
  });

  it('lists a path that cannot be had as unhealthy', () => {
    const devices = [{ path: '/dev/kvm', permissions: 'rw', node: undefined, problem: 'does not exist' }];
    const device = deviceTree([{ name: 'a.b/kvm', devices }], none)
      .resources.get('a.b/kvm')
      ?.get('kvm');
    expect(device).toEqual({
      health: 'Unhealthy',
      nodes: [{ containerPath: '/dev/kvm', hostPath: '/dev/kvm', permissions: 'rw' }],
    });
  });

  it('keeps resources without devices', () => {
    const tree = deviceTree([{ name: 'a.b/loop', devices: [] }], simulate({ numberDevicesOnNode: 0 }));
    expect([...tree.resources.keys()]).toEqual(['a.b/loop', 'example.com/red']);
    expect(tree.deviceTypeCount('a.b/loop')).toBe(0);
    expect(tree.deviceTypeCount('example.com/red')).toBe(0);
  });

  it('simulates devices that give nothing unless they are told to', () => {
    const info = { health: 'Healthy', nodes: [], envs: {}, annotations: {} };
    expect(deviceTree([], simulate({})).resources.get('example.com/red')).toEqual(
      new Map([
        ['red-node1-0', info],
        ['red-node1-1', info],
      ]),
    );
  });

  it.each([
    ['index', '1'],
    ['id', 'red-node1-1'],
  ] as const)('names by %s what a simulated device gives', (valueStyle, shown) => {
    const options = simulate({ valueStyle, annotationPrefix: 'note', envPrefix: 'RED', deviceFilePrefix: 'file' });
    const path = `/dev/file-${shown}`;
    expect(deviceTree([], options).resources.get('example.com/red')?.get('red-node1-1')).toEqual({
      health: 'Healthy',
      nodes: [{ containerPath: path, hostPath: path, permissions: 'rw' }],
      envs: { 'RED_red-node1-1': `/dev/${shown}` },
      annotations: { 'note-red-node1-1': '' },
    });
  });
});
