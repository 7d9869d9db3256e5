// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { device, treeOf } from '../../test/devices.ts';
import type { DeviceTreeDiff } from './diff.ts';
import { DiffingNotifier } from './notifier.ts';

function rig(): { readonly notifier: DiffingNotifier; readonly diffs: DeviceTreeDiff[] } {
  const diffs: DeviceTreeDiff[] = [];
  return { notifier: new DiffingNotifier((diff) => diffs.push(diff)), diffs };
}

describe('DiffingNotifier', () => {
  it('hands on what differs from the last tree, and nothing when nothing does', () => {
    const { notifier, diffs } = rig();
    notifier.notify(treeOf({ red: ['1'] }));
    notifier.notify(treeOf({ red: ['1'] }));
    notifier.notify(treeOf({ red: ['1'], blue: ['2'] }));
    notifier.notify(treeOf({ blue: ['2', '3'] }));
    expect(diffs.map(({ added, updated, removed }) => [[...added.keys()], [...updated.keys()], removed])).toEqual([
      [['red'], [], []],
      [['blue'], [], []],
      [[], ['blue'], ['red']],
    ]);
  });

  it('hands on the first tree also when there is nothing in it: it is the inventory', () => {
    const { notifier, diffs } = rig();
    notifier.notify(treeOf({}));
    notifier.notify(treeOf({}));
    expect(diffs).toHaveLength(1);
  });

  it('sees what a plugin changes in a tree that it hands over again', () => {
    const { notifier, diffs } = rig();
    const tree = treeOf({ red: ['1'] });
    notifier.notify({ resources: tree.snapshot() });
    tree.addDevice('red', '2', device('2'));
    notifier.notify({ resources: tree.snapshot() });
    tree.addResource('blue');
    notifier.notify({ resources: tree.snapshot() });
    expect(diffs.slice(1).map(({ added, updated }) => [[...added.keys()], [...updated.keys()]])).toEqual([
      [[], ['red']],
      [['blue'], []],
    ]);
    expect(diffs[0]?.added.get('red')?.size).toBe(1);
  });
});
