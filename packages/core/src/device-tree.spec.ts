// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { deviceIdProblem, DeviceTree, topologyOf, type DeviceInfo } from './device-tree.ts';

const info: DeviceInfo = { health: 'Healthy', nodes: [] };

describe('DeviceTree', () => {
  it('counts the devices of a resource, none of one it does not have', () => {
    const tree = new DeviceTree().addDevice('yellow', 'a', info).addDevice('yellow', 'b', info);
    expect(tree.deviceTypeCount('yellow')).toBe(2);
    expect(tree.deviceTypeCount('red')).toBe(0);
  });

  it('replaces a device that has the same id', () => {
    const sick: DeviceInfo = { health: 'Unhealthy', nodes: [] };
    const tree = new DeviceTree().addDevice('yellow', 'a', info).addDevice('yellow', 'a', sick);
    expect(tree.resources.get('yellow')).toEqual(new Map([['a', sick]]));
  });

  it('keeps a resource without devices', () => {
    expect(new DeviceTree().addResource('yellow').resources).toEqual(new Map([['yellow', new Map()]]));
  });

  it('takes snapshots that stay as they are, and share what has not changed', () => {
    const tree = new DeviceTree().addDevice('yellow', 'a', info).addDevice('red', 'a', info);
    const before = tree.snapshot();
    expect(tree.snapshot().get('yellow')).toBe(before.get('yellow'));
    tree.addDevice('yellow', 'b', info).addResource('green');
    expect([...before.keys()]).toEqual(['yellow', 'red']);
    expect([...(before.get('yellow')?.keys() ?? [])]).toEqual(['a']);
    const after = tree.snapshot();
    expect([...(after.get('yellow')?.keys() ?? [])]).toEqual(['a', 'b']);
    expect(after.get('red')).toBe(before.get('red'));
  });

  it('leaves out a device whose id the kubelet would not take, says why, and keeps the others', () => {
    const id = 'x'.repeat(64);
    const tree = new DeviceTree()
      .addDevice('yellow', 'a', info)
      .addDevice('yellow', id, info)
      .addDevice('red', '', info);
    expect(tree.resources).toEqual(
      new Map([
        ['yellow', new Map([['a', info]])],
        ['red', new Map()],
      ]),
    );
    expect(tree.leftOut).toEqual(
      new Map([
        ['yellow', new Map([[id, 'its id is 64 characters long; kubelets take at most 63']])],
        ['red', new Map([['', 'its id is empty']])],
      ]),
    );
  });
});

describe('deviceIdProblem()', () => {
  it.each(['a', '0000:6b:00.1', 'card0-1', 'x'.repeat(63), '!~'])('takes %s', (id) => {
    expect(deviceIdProblem(id)).toBeUndefined();
  });

  it.each([
    ['', 'empty'],
    ['x'.repeat(64), '64 characters'],
    ['a b', 'printable'],
    ['a\n', 'printable'],
    ['ä', 'printable'],
  ])('refuses %j', (id, reason) => {
    expect(deviceIdProblem(id)).toContain(reason);
  });
});

describe('topologyOf()', () => {
  it('sorts the nodes and names each once', () => {
    expect(topologyOf([1, 0, 1])).toEqual({ nodes: [{ ID: 0 }, { ID: 1 }] });
  });

  it('knows none where the firmware names none', () => {
    expect(topologyOf([-1])).toBeUndefined();
    expect(topologyOf([])).toBeUndefined();
  });
});
