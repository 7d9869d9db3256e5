// SPDX-License-Identifier: Apache-2.0
import { DeviceTree } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { RecordingNotifier } from './recording-notifier.ts';

function treeOf(...ids: readonly string[]): DeviceTree {
  const tree = new DeviceTree();
  for (const id of ids) tree.addDevice('red', id, { health: 'Healthy', nodes: [] });
  return tree;
}

describe('RecordingNotifier', () => {
  it('keeps every tree', () => {
    const notifier = new RecordingNotifier();
    expect(notifier.last).toBeUndefined();
    const trees = [treeOf('a'), treeOf('a', 'b')];
    for (const tree of trees) notifier.notify(tree);
    expect(notifier.trees).toEqual(trees);
    expect(notifier.last).toBe(trees[1]);
  });

  it('hands out the next tree, not one that is there already', async () => {
    const notifier = new RecordingNotifier();
    notifier.notify(treeOf('a'));
    const next = notifier.next();
    const [second, third] = [treeOf('b'), treeOf('c')];
    notifier.notify(second);
    notifier.notify(third);
    expect(await next).toBe(second);
  });

  it('waits for a tree, the last one included', async () => {
    const notifier = new RecordingNotifier();
    const hasTwo = (tree: DeviceTree) => tree.deviceTypeCount('red') === 2;
    const waiting = notifier.waitFor(hasTwo);
    notifier.notify(treeOf('a'));
    notifier.notify(treeOf('a', 'b'));
    expect(await waiting).toBe(notifier.last);
    expect(await notifier.waitFor(hasTwo)).toBe(notifier.last);
  });

  it('says what was there instead', async () => {
    const notifier = new RecordingNotifier();
    const waiting = notifier.waitFor((tree) => tree.deviceTypeCount('red') > 1, { timeoutMs: 5 });
    await expect(waiting).rejects.toThrow('found no tree at all');
    notifier.notify(treeOf('a'));
    await expect(notifier.waitFor(() => false, { timeoutMs: 5 })).rejects.toThrow('found {"red":{"a":"Healthy"}}');
    await expect(notifier.next({ timeoutMs: 5 })).rejects.toThrow('expected one more tree after 1');
  });
});
