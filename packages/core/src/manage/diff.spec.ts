// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { device, treeOf } from '../../test/devices.ts';
import { DeviceTree, topologyOf, type DeviceInfo, type Devices } from '../device-tree.ts';
import { diffDeviceTrees, isEmptyDiff } from './diff.ts';

type Resources = Readonly<Record<string, readonly string[]>>;

function changes(before: Resources | undefined, after: Resources): Record<string, readonly string[]> {
  const { added, updated, removed } = diffDeviceTrees(before && treeOf(before), treeOf(after));
  return { added: [...added.keys()], updated: [...updated.keys()], removed };
}

describe('diffDeviceTrees()', () => {
  it.each<[string, Resources | undefined, Resources, Partial<Record<'added' | 'updated' | 'removed', string[]>>]>([
    ['the first tree', undefined, { red: ['1'], blue: [] }, { added: ['red', 'blue'] }],
    ['a first tree without resources', undefined, {}, {}],
    ['the same tree', { red: ['1'] }, { red: ['1'] }, {}],
    ['a new resource', { red: ['1'] }, { red: ['1'], blue: ['2'] }, { added: ['blue'] }],
    ['a resource that is gone', { red: ['1'], blue: ['2'] }, { blue: ['2'] }, { removed: ['red'] }],
    ['a new device', { red: ['1'] }, { red: ['1', '2'] }, { updated: ['red'] }],
    ['a device that is gone', { red: ['1', '2'] }, { red: ['1'] }, { updated: ['red'] }],
    ['the last device gone, the resource kept', { red: ['1'] }, { red: [] }, { updated: ['red'] }],
    ['another health', { red: ['1'] }, { red: ['1!'] }, { updated: ['red'] }],
    ['a device that moves', { red: ['1'], blue: ['2'] }, { red: [], blue: ['1', '2'] }, { updated: ['red', 'blue'] }],
    ['a resource in place of another', { red: ['1'] }, { blue: ['1'] }, { added: ['blue'], removed: ['red'] }],
    ['another order of devices', { red: ['1', '2'] }, { red: ['2', '1'] }, {}],
    ['nothing left', { red: ['1'] }, {}, { removed: ['red'] }],
  ])('tells %s', (_what, before, after, expected) => {
    expect(changes(before, after)).toEqual({ added: [], updated: [], removed: [], ...expected });
  });

  const topology = topologyOf([0]);
  it.each<[string, Partial<DeviceInfo>, boolean]>([
    ['nodes', { nodes: [{ hostPath: '/dev/x', containerPath: '/dev/y', permissions: 'rw' }] }, true],
    ['permissions', { nodes: [{ ...device('1').nodes[0], permissions: 'r' } as DeviceInfo['nodes'][number]] }, true],
    ['mounts', { mounts: [{ hostPath: '/a', containerPath: '/a', readOnly: true }] }, true],
    ['variables', { envs: { A: '1' } }, true],
    ['annotations', { annotations: { a: '1' } }, true],
    ['topology', topology ? { topology } : {}, true],
    ['CDI devices', { cdiDevices: [{ kind: 'a.b/c', name: 'd', containerEdits: {} }] }, true],
    ['an equal copy', { nodes: [...device('1').nodes] }, false],
  ])('sees another device by its %s', (_what, change, isUpdated) => {
    const before = new DeviceTree().addDevice('red', '1', device('1'));
    const after = new DeviceTree().addDevice('red', '1', { ...device('1'), ...change });
    expect(diffDeviceTrees(before, after).updated.has('red')).toBe(isUpdated);
  });

  it('takes no notice of the order of variables', () => {
    const before = new DeviceTree().addDevice('red', '1', { ...device('1'), envs: { A: '1', B: '2' } });
    const after = new DeviceTree().addDevice('red', '1', { ...device('1'), envs: { B: '2', A: '1' } });
    expect(isEmptyDiff(diffDeviceTrees(before, after))).toBe(true);
  });

  const anyTree = fc
    .dictionary(
      fc.constantFrom('red', 'blue', 'green', 'grey'),
      fc.uniqueArray(fc.constantFrom('1', '2', '3', '4!', '5')),
    )
    .map(treeOf);

  it('gives the new tree when it is applied to the old one', () => {
    fc.assert(
      fc.property(fc.option(anyTree, { nil: undefined }), anyTree, (before, after) => {
        const { added, updated, removed } = diffDeviceTrees(before, after);
        const applied = new Map<string, Devices>(before?.resources);
        for (const resource of removed) expect(applied.delete(resource)).toBe(true);
        for (const [resource, devices] of added) {
          expect(applied.has(resource)).toBe(false);
          applied.set(resource, devices);
        }
        for (const [resource, devices] of updated) {
          expect(applied.get(resource)).not.toEqual(devices);
          applied.set(resource, devices);
        }
        expect(applied).toEqual(after.resources);
      }),
    );
  });

  it('is empty for equal trees, and only for them', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (a, b) => {
        expect(isEmptyDiff(diffDeviceTrees(a, a))).toBe(true);
        const isSame = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(isEmptyDiff(diffDeviceTrees(a, b))).toBe(isSame);
      }),
    );
  });
});

function sorted({ resources }: DeviceTree): unknown[] {
  return [...resources].map(([name, devices]) => [name, [...devices].toSorted()]).toSorted();
}
