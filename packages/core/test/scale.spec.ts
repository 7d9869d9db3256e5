// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeviceTree } from '../src/device-tree.ts';
import { device, treeOf } from './devices.ts';
import { slope, usedHeap } from './heap.ts';
import { type ListReader, StalledReader } from './plugin-client.ts';
import { red, Rig, TreePlugin } from './rig.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `d${String(i).padStart(5, '0')}`);

afterEach(() => {
  vi.useRealTimers();
});

describe('10,000 devices, one of which changes its health each second', () => {
  it('are one message a second, of which nothing stays behind', { timeout: 120_000 }, async () => {
    await using rig = await Rig.withKubelet();
    const lists: number[] = [];
    rig.kubelet.subscribe((event) => {
      if (event.type === 'listed') lists.push(event.devices.filter(({ health }) => health !== 'Healthy').length);
    });
    const all = ids(10_000);
    // As a scan does it: everything is made anew.
    const treeWith = (unhealthy: string): DeviceTree => {
      const tree = new DeviceTree();
      for (const id of all) tree.addDevice('red', id, device(id === unhealthy ? `${id}!` : id));
      return tree;
    };
    const { plugin } = rig.run(new TreePlugin(treeWith('')));
    await rig.kubelet.waitFor({ resource: red, devices: 10_000, allocatable: 10_000 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const heap: number[] = [];
    for (let change = 1; change <= 50; change++) {
      plugin.findTree(treeWith(all[change] ?? ''));
      vi.advanceTimersByTime(1_000);
      while (lists.length <= change) await new Promise(setImmediate);
      if (change % 10 === 0) heap.push(await usedHeap());
    }
    expect(lists).toEqual([0, ...Array.from({ length: 50 }, () => 1)]);
    // One message is 270 KB.
    expect(slope(heap) / 10).toBeLessThan(50_000);
  });
});

describe('50 streams, one of which nobody reads', () => {
  it('all have each state that lasts, but for that one, for which nothing is kept', { timeout: 120_000 }, async () => {
    await using rig = await Rig.withKubelet();
    const all = ids(5_000);
    const lastOf = (i: number): string => `last${i}`.padEnd(60, 'x');
    const stateOf = (i: number): Record<string, string[]> => ({ red: [...all.slice(i), lastOf(i)] });
    const running = rig.run(new TreePlugin(treeOf(stateOf(0))));
    await rig.kubelet.waitFor({ resource: red, devices: 5_001 });
    const path = rig.socketOf(red);
    using stalled = new StalledReader(path);
    const clients = Array.from({ length: 7 }, () => rig.client(path));
    const readers = clients.flatMap((client) => Array.from({ length: 7 }, () => client.listAndWatch()));
    const heap: number[] = [];
    for (let i = 1; i <= 6; i++) {
      running.plugin.find(stateOf(i));
      const isBehind = ({ lists }: ListReader): boolean => lists.at(-1)?.at(-1)?.ID !== lastOf(i);
      await expect.poll(() => readers.filter(isBehind).length).toBe(0);
      for (const { lists } of readers) lists.length = 0;
      heap.push(await usedHeap());
    }
    // A list is 150 KB.
    expect(slope(heap)).toBeLessThan(100_000);
    running.plugin.find({ red: [] });
    await rig.kubelet.waitFor({ resource: red, devices: 0 });
    // Whoever comes to read in the end finds the list at which it stopped, and the newest one.
    const sizes = stalled.readToEnd();
    await running.stop();
    expect((await sizes).length).toBeLessThanOrEqual(3);
    expect((await sizes).at(-1)).toBe(0);
  });
});

describe('200 resources in one process', () => {
  // As much as a machine does that is busy with other things.
  const patience = { timeout: 50_000 };
  const names = Array.from({ length: 200 }, (_, i) => `colour-${i}`);
  const connected = (rig: Rig): number =>
    [...rig.kubelet.resources().values()].filter(({ state, capacity }) => state === 'connected' && capacity === 1)
      .length;

  it(
    'are registered, found again by the next kubelet, and idle when nothing happens',
    { timeout: 120_000 },
    async () => {
      await using rig = await Rig.withKubelet();
      rig.run(new TreePlugin(treeOf(Object.fromEntries(names.map((name) => [name, ['a']])))));
      await expect.poll(() => connected(rig), patience).toBe(200);
      await rig.kubelet.restart('graceful');
      await expect.poll(() => connected(rig), patience).toBe(200);
      await expect.poll(() => rig.sockets(), patience).toHaveLength(200);
      // Their own coming and going, some six events each, is not what a watch rests from.
      expect(rig.log.with('too noisy')).toEqual([]);
      // What is loaded and collected after the registration.
      await sleep(500);
      const before = process.cpuUsage();
      await sleep(2_500);
      const { user, system } = process.cpuUsage(before);
      // Of one core; the directory is looked at every two seconds, by each of them.
      expect((user + system) / 2_500_000).toBeLessThan(0.1);
    },
  );
});
