// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { gpuTree } from '../test/fixtures/gpu-tree.ts';
import { noInventory, readGpuInventory, watchedDirectories, type GpuInventory } from './sysfs.ts';
import type { CardNote, CardWish } from './sysfs/read-card.ts';

const wish: CardWish = { byPath: 'single', withMei: false };
let fixture: HostFixture | undefined;

afterEach(async () => {
  await fixture?.dispose();
});

async function inventoryOf(tree: FixtureTree, given: Partial<CardWish> = {}): Promise<GpuInventory> {
  fixture = await hostFixture(tree);
  return await readGpuInventory(new Host(fixture.root), { ...wish, ...given });
}

function namesOf({ cards }: GpuInventory): string[] {
  return cards.map(({ name }) => name);
}

function reasonsIn({ notes }: GpuInventory): Record<string, string> {
  return Object.fromEntries(notes.map(({ about, reason }) => [about, reason]));
}

describe('readGpuInventory()', () => {
  it('reads all there is to know of a card', async () => {
    const inventory = await inventoryOf(
      gpuTree({ 1: { driver: 'xe', numaNode: 1, deviceId: '0xe20b', mei: { 'xe.mei-gscfi.1024': 'mei2' } } }),
      { withMei: true },
    );
    expect(inventory).toEqual({
      cards: [
        {
          name: 'card1',
          driver: 'xe',
          bdf: '0000:04:00.0',
          deviceId: '0xe20b',
          nodes: ['/dev/dri/card1', '/dev/dri/renderD129'],
          byPathLinks: ['/dev/dri/by-path/pci-0000:04:00.0-card', '/dev/dri/by-path/pci-0000:04:00.0-render'],
          meiNodes: ['/dev/mei2'],
          topology: { nodes: [{ ID: 1 }] },
        },
      ],
      notes: [],
      unplaced: new Set(),
      hasByPath: true,
    });
  });

  it('has the cards in the order of their numbers', async () => {
    expect(namesOf(await inventoryOf(gpuTree({ 10: {}, 2: {}, 1: {} })))).toEqual(['card1', 'card2', 'card10']);
  });

  it('says once that there is no directory of cards at all', async () => {
    const inventory = await inventoryOf({ sys: dir(), dev: dir() });
    expect(inventory.cards).toEqual([]);
    expect(inventory.notes).toMatchObject([{ about: '/sys/class/drm', kind: 'trouble' }]);
  });

  it('rejects when nobody can tell which cards there are', async () => {
    await expect(inventoryOf({ 'sys/class/drm': link('drm') })).rejects.toMatchObject({ code: 'HOST_UNREADABLE' });
  });

  const deviceOf0 = 'sys/devices/pci0000:00/0000:03:00.0';

  it.each<[string, FixtureTree, CardNote['kind'], string]>([
    ['whose vendor is another', gpuTree({ 0: { vendor: '0x10de' } }), 'foreign', 'its vendor is "0x10de", not Intel'],
    ['on no PCI bus', { 'sys/class/drm/card0/device/drm/card0': dir() }, 'foreign', 'it is no PCI device'],
    [
      'of PCI without a vendor',
      { 'sys/class/drm/card0/device/subsystem': link('../../../../bus/pci') },
      'trouble',
      'no vendor',
    ],
    ['without a device', { 'sys/class/drm/card0': dir() }, 'trouble', 'the kernel shows no device'],
    ['that is a link to nothing', { 'sys/class/drm/card0': link('../../gone/card0') }, 'trouble', 'shows no device'],
    ['whose vendor is empty', gpuTree({ 0: { vendor: '' } }), 'trouble', 'its vendor is "", which is no id'],
    ['whose vendor is NUL', gpuTree({ 0: { vendor: '\0' } }), 'trouble', 'its vendor is "\\u0000", which is no id'],
    ['whose vendor is no text', { 'sys/class/drm/card0/device/vendor': dir() }, 'trouble', 'EISDIR'],
    ['whose vendor is endless', gpuTree({ 0: { vendor: 'x'.repeat(70_000) } }), 'trouble', 'larger than 65536 bytes'],
    ['without nodes', { 'sys/class/drm/card0/device/vendor': '0x8086' }, 'trouble', 'the kernel has no nodes for it'],
    ['without nodes in /dev/dri', gpuTree({ 0: { nodes: [] } }), 'trouble', 'none of card0, renderD128 is in /dev/dri'],
    [
      'with virtual functions',
      gpuTree({ 0: { sriovNumvfs: '2\n' } }),
      'intended',
      'published instead of it (sriov_numvfs is "2")',
    ],
    ['with an empty sriov_numvfs', gpuTree({ 0: { sriovNumvfs: '' } }), 'trouble', 'sriov_numvfs is ""'],
    [
      'with an unreadable list of nodes',
      { ...gpuTree({ 0: {} }), [`${deviceOf0}/drm`]: link('drm') },
      'trouble',
      'symlinks on the way',
    ],
  ])('leaves out a card %s, says why, and hides no other', async (_, tree, kind, reason) => {
    const inventory = await inventoryOf({ ...gpuTree({ 1: {} }), ...tree });
    expect(namesOf(inventory)).toEqual(['card1']);
    expect(inventory.notes).toMatchObject([{ about: 'card0', isLeftOut: true, kind }]);
    expect(reasonsIn(inventory)['card0']).toContain(reason);
  });

  it.each(['0', '0\n', undefined])('keeps a physical function whose sriov_numvfs is %j', async (sriovNumvfs) => {
    const inventory = await inventoryOf(gpuTree({ 0: sriovNumvfs === undefined ? {} : { sriovNumvfs } }));
    expect(namesOf(inventory)).toEqual(['card0']);
  });

  it('takes a card without a driver link for one of i915, and says so', async () => {
    const inventory = await inventoryOf(gpuTree({ 0: { driver: null } }));
    expect(inventory.cards).toMatchObject([{ driver: 'i915' }]);
    expect(inventory.notes).toMatchObject([{ about: 'card0', kind: 'trouble' }]);
  });

  it('keeps a card whose place is unknown, says so, and looks again', async () => {
    const tree = gpuTree({ 0: {} });
    const without = Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith('sys/dev/')));
    const first = await inventoryOf(without);
    expect(first.cards[0]).not.toHaveProperty('topology');
    expect(reasonsIn(first)['card0']).toContain('no known NUMA node');
    await fixture?.add(tree);
    const second = await readGpuInventory(new Host(fixture?.root), wish, first);
    expect(second.cards).toMatchObject([{ topology: { nodes: [{ ID: 0 }] } }]);
    expect(second.notes).toEqual([]);
  });

  it('gives the same objects again while nothing has changed, also of cards in no NUMA node', async () => {
    const first = await inventoryOf(gpuTree({ 0: {}, 1: { numaNode: -1 } }));
    const host = new Host(fixture?.root);
    const second = await readGpuInventory(host, wish, first);
    expect(second.cards.map((card, i) => card === first.cards[i])).toEqual([true, true]);
    await fixture?.remove('dev/dri/by-path/pci-0000:03:00.0-card');
    const third = await readGpuInventory(host, wish, second);
    expect(third.cards.map((card, i) => card === first.cards[i])).toEqual([false, true]);
    expect(third.cards[0]?.topology).toBe(first.cards[0]?.topology);
  });

  it('reads neither by-path nor MEI where they are not wanted', async () => {
    const tree = gpuTree({ 0: { mei: { 'i915.mei-gscfi.1024': 'mei1' } } });
    const inventory = await inventoryOf(tree, { byPath: 'none' });
    expect(inventory.cards).toMatchObject([{ byPathLinks: [], meiNodes: [] }]);
    expect(inventory.hasByPath).toBe(false);
  });

  it('says why there is no by-path, where there are cards', async () => {
    const tree = gpuTree({ 0: { byPath: false } });
    expect(reasonsIn(await inventoryOf(tree))['/dev/dri/by-path']).toContain('it does not exist');
    await fixture?.dispose();
    expect(reasonsIn(await inventoryOf({ ...tree, 'dev/dri/by-path': link('by-path') }))['/dev/dri/by-path']).toContain(
      'cannot read',
    );
    await fixture?.dispose();
    expect((await inventoryOf({ 'sys/class/drm': dir() })).notes).toEqual([]);
  });
});

describe('watchedDirectories()', () => {
  it('are those in which something of the tree comes and goes', () => {
    expect(watchedDirectories(wish)).toEqual(['/dev/dri', '/dev/dri/by-path']);
    expect(watchedDirectories({ ...wish, byPath: 'none' })).toEqual(['/dev/dri']);
  });
});

describe('noInventory', () => {
  it('is empty', () => {
    expect(noInventory).toMatchObject({ cards: [], notes: [], hasByPath: false });
  });
});
