// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { Host } from '@kube-device-plugins/core';
import { dir, FakeLevelZero, hostFixture, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { labelSettings } from '../src/main/labeler/label-settings.ts';
import { levelZeroMemory } from '../src/main/labeler/level-zero-memory.ts';
import type { MemorySource } from '../src/main/labeler/labeled-gpu.ts';
import { readLabeledGpus } from '../src/main/labeler/read-labeled-gpus.ts';
import { labelReader, runLabeler } from '../src/main/labeler/run-labeler.ts';
import { cards, linkedCard, manyCards } from './labeled-cards.ts';

const { signal } = new AbortController();
const override = { GPU_MEMORY_OVERRIDE: '16000000000' };

/** The labels without their namespace. */
async function labelsOf(tree: FixtureTree, env: Record<string, string> = override, memory?: MemorySource) {
  await using fixture = await hostFixture(tree);
  const labeler = { host: new Host(fixture.root), settings: labelSettings(env), memory };
  const labels = await labelReader(labeler, signal)();
  return Object.fromEntries([...labels].map(([name, value]) => [name.replace('gpu.intel.com/', ''), value]));
}

describe('the labels of GPUs', () => {
  it('A-L1: tell of one card', async () => {
    expect(await labelsOf(cards({ card0: { 'gt/gt0': dir(), lmem_total_bytes: '8086\n' } }))).toEqual({
      millicores: '1000',
      'memory.max': '8086',
      cards: 'card0',
      'gpu-numbers': '0',
      tiles: '1',
    });
  });

  it('A-L2: leave out a physical function that has virtual ones', async () => {
    expect(await labelsOf(cards({ card0: { 'device/sriov_numvfs': '1\n' } }))).toEqual({ tiles: '0' });
    expect(await labelsOf(cards({ card0: { 'device/sriov_numvfs': '0\n' } }))).toMatchObject({ cards: 'card0' });
  });

  it.each([
    [['gt0', 'gt1'], '16000', '2'],
    [['gt0', 'gt1', 'gt3'], '24000', '3'],
  ])('A-L3: count tiles %j, and multiply memory by them', async (gts, memory, tiles) => {
    const files = Object.fromEntries(gts.map((gt) => [`gt/${gt}`, dir()]));
    const labels = await labelsOf(cards({ card0: { ...files, lmem_total_bytes: '8000' } }));
    expect(labels).toMatchObject({ 'memory.max': memory, tiles, millicores: '1000' });
  });

  it('A-L4: leave out memory that is reserved', async () => {
    const tree = cards({ card0: { lmem_total_bytes: '8086' } });
    expect(await labelsOf(tree, { GPU_MEMORY_RESERVED: '86' })).toMatchObject({ 'memory.max': '8000' });
    expect(await labelsOf(tree, { GPU_MEMORY_RESERVED: '8087' })).not.toHaveProperty(['memory.max']);
  });

  it.each([undefined, 'much', '-1', '18446744073709551616'])(
    'A-L5: take the amount of the environment for memory that is %j',
    async (text) => {
      const files = text === undefined ? {} : { lmem_total_bytes: text };
      expect(await labelsOf(cards({ card0: files }))).toMatchObject({ 'memory.max': '16000000000' });
      expect(await labelsOf(cards({ card0: files }), { GPU_MEMORY_OVERRIDE: '16e9' })).toMatchObject({
        'memory.max': '0',
      });
    },
  );

  it('say nothing of an amount that fits in no label', async () => {
    const memory = async (text: string) => await labelsOf(cards({ card0: { lmem_total_bytes: text } }));
    expect(await memory('9223372036854775806')).toMatchObject({ 'memory.max': '9223372036854775806' });
    expect(await memory('9223372036854775807')).not.toHaveProperty(['memory.max']);
  });

  it.each([
    ['2', '0.1'],
    ['4', '0_1'],
    ['5', undefined],
    ['0', undefined],
    ['two', undefined],
  ])('A-L6: group cards by %s parts of their PCI path', async (level, groups) => {
    const tree = {
      ...linkedCard('card1', 'pci0000:00/0000:00:1b.4'),
      ...linkedCard('card0', 'pci0000:00/0000:00:1b.4'),
    };
    const labels = await labelsOf(tree, { GPU_PCI_GROUPING_LEVEL: level });
    expect(labels['pci-groups']).toBe(groups);
    expect(labels['gpu-numbers']).toBe('0.1');
  });

  it('sorts groups by their paths, and leaves out a card on no PCI bus', async () => {
    const tree = {
      ...linkedCard('card0', 'pci0000:80/0000:80:01.0'),
      ...linkedCard('card1', 'pci0000:00/0000:00:01.0'),
      ...linkedCard('card2', 'platform/gpu'),
    };
    expect(await labelsOf(tree, { GPU_PCI_GROUPING_LEVEL: '2' })).toMatchObject({ 'pci-groups': '1_0' });
  });

  const numbers = ['0.1.10.11.12.13.14.15.16.17.18.19.2.20.21.22.23.24.25.26.3.4.5', 'Z.6.7.8.9'] as const;
  const truncated = 'card0.card1.card10.card11.card12.card13.card14.card15.card16.ca';

  it('A-L7: of 27 cards are cut to the length of a label', async () => {
    expect(truncated).toHaveLength(63);
    expect(await labelsOf(manyCards(27, () => ({})))).toEqual({
      millicores: '27000',
      'memory.max': '432000000000',
      cards: truncated,
      'gpu-numbers': numbers[0],
      'gpu-numbers2': numbers[1],
      tiles: '27',
    });
  });

  it('A-L8: add up the tiles of cards', async () => {
    const lmem = { lmem_total_bytes: '8000' };
    const tree = cards({
      card0: { 'gt/gt0': dir(), 'gt/gt1': dir(), ...lmem },
      card1: { 'gt/gt0': dir(), ...lmem },
    });
    expect(await labelsOf(tree)).toMatchObject({ tiles: '3', 'memory.max': '24000', cards: 'card0.card1' });
  });

  it('A-L9: say which card is on which NUMA node, and nothing of cards that are not Intel', async () => {
    const one = { 'device/numa_node': '1\n' };
    const zero = { 'device/numa_node': '0\n' };
    expect(await labelsOf(cards({ card0: zero, card1: one }))).toMatchObject({ 'numa-gpu-map': '0-0_1-1' });
    const foreign = { ...zero, 'device/vendor': '0xfefe' };
    expect(await labelsOf(cards({ card0: foreign, card1: one }))).toMatchObject({
      'numa-gpu-map': '1-1',
      'gpu-numbers': '1',
    });
  });

  it('A-L10: cut a long map of NUMA nodes', async () => {
    const nodeOf = (index: number): number => (index < 9 ? 0 : index < 13 ? 2 : index < 22 ? 1 : 3);
    const labels = await labelsOf(manyCards(27, (index) => ({ 'device/numa_node': String(nodeOf(index)) })));
    expect(labels).toMatchObject({
      'numa-gpu-map': '0-0.1.2.3.4.5.6.7.8_1-13.14.15.16.17.18.19.20.21_2-10.11.12.9_3',
      'numa-gpu-map2': 'Z-22.23.24.25.26',
      'gpu-numbers2': numbers[1],
    });
  });

  it.each(['2147483648', '32768', '-1', 'x'])('A-L11: have no map for node %s', async (node) => {
    const labels = await labelsOf(cards({ card0: { 'device/numa_node': node } }));
    expect(labels).not.toHaveProperty('numa-gpu-map');
    expect(labels).toHaveProperty('cards', 'card0');
  });

  it('A-L12: count the tiles of xe, whatever engines they have', async () => {
    const tile = (gts: readonly string[]) =>
      Object.fromEntries([0, 1].flatMap((t) => gts.map((gt) => [`device/tile${t}/${gt}`, dir()])));
    const files = { lmem_total_bytes: '8000', 'device/numa_node': '1' };
    expect(await labelsOf(manyCards(3, () => ({ ...files, ...tile(['gt0']) })))).toMatchObject({
      tiles: '6',
      'memory.max': '48000',
      'numa-gpu-map': '1-0.1.2',
    });
    expect(await labelsOf(manyCards(2, () => ({ ...files, ...tile(['gt0', 'gt1']) })))).toMatchObject({
      tiles: '4',
      'memory.max': '32000',
    });
  });

  const fallback = { GPU_MEMORY_OVERRIDE: '87654321' };
  it.each([
    ['knows it', { memoryBytes: () => Promise.resolve(12_345_678n) }, '12345678'],
    ['knows it as a number', { memoryBytes: () => Promise.resolve(12_345_678) }, '12345678'],
    ['fails', { memoryBytes: () => Promise.reject(new Error('not ready')) }, '87654321'],
    ['knows nothing', { memoryBytes: () => Promise.resolve(undefined) }, '87654321'],
    ['says 0', { memoryBytes: () => Promise.resolve(0n) }, '87654321'],
    ['is not there', undefined, '87654321'],
  ])('A-L13: have the amount of memory of a service that %s', async (_, service, memory) => {
    const tree = linkedCard('card0', 'pci0000:00/0000:00:02.0');
    expect(await labelsOf(tree, fallback, service)).toMatchObject({ 'memory.max': memory });
  });

  it('A-L13: ask the service by PCI address, and not at all for a card without one', async () => {
    const asked: string[] = [];
    const service = { memoryBytes: (bdf: string) => Promise.resolve(asked.push(bdf)) };
    await labelsOf({ ...linkedCard('card0', 'pci0000:00/0000:00:02.0'), ...cards({ card1: {} }) }, {}, service);
    expect(asked).toEqual(['0000:00:02.0']);
  });
});

describe('readLabeledGpus()', () => {
  it('leaves out connectors, render nodes, and a card whose device is not ready', async () => {
    const tree = {
      ...cards({ 'card0-DP-1': {}, renderD128: {}, version: {} }),
      'sys/class/drm/card1/device/vendor': '0x8086',
      'sys/class/drm/card2/device/drm/card2': dir(),
    };
    expect(await labelsOf(tree)).toEqual({ tiles: '0' });
    expect(await labelsOf({})).toEqual({ tiles: '0' });
  });

  it('leaves out a card that cannot be read with its reason, and no other one', async () => {
    await using fixture = await hostFixture(
      cards({ card0: { 'device/vendor': dir() }, card1: { lmem_total_bytes: dir(), 'device/numa_node': dir() } }),
    );
    const found = await readLabeledGpus(new Host(fixture.root), labelSettings(override), undefined, signal);
    expect(found.gpus).toEqual([{ name: 'card1', tiles: 1, memoryBytes: 16_000_000_000n, pciPath: [] }]);
    expect([...found.leftOut]).toEqual([['card0', expect.stringContaining('card0/device/vendor') as string]]);
  });
});

describe('runLabeler()', () => {
  it('A-L13, A-L14: writes the labels with memory from the sidecar, says once what is left out, and removes them', async () => {
    await using fixture = await hostFixture({
      ...linkedCard('card0', 'pci0000:00/0000:00:02.0'),
      ...cards({ card1: { 'device/vendor': dir() } }),
      features: dir(),
    });
    await using sidecar = await FakeLevelZero.start(fixture.path('l0.sock'));
    sidecar.setCard('0000:00:02.0', { memoryBytes: 12_345_678 });
    using memory = levelZeroMemory(fixture.path('l0.sock'));
    const labeler = { host: new Host(fixture.root), settings: labelSettings({}), memory };
    const file = fixture.path('features/gpu.txt');
    const stop = new AbortController();
    const running = runLabeler(labeler, file, 1, stop.signal);
    await expect.poll(async () => await readFile(file, 'utf8').catch(() => '')).toContain('memory.max=12345678\n');
    await expect.poll(() => sidecar.calls.length).toBeGreaterThan(3);
    stop.abort();
    await running;
    expect(await readdir(fixture.path('features'))).toEqual([]);
  });
});
