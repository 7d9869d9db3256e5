// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureTree } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuTree } from '../../test/fixtures/gpu-tree.ts';
import { readByPathLinks, readByPathNames } from './by-path.ts';
import { readMeiNodes } from './mei.ts';
import { bdfOfCardPath, readBdf, readDeviceId, type CardNote } from './read-card.ts';

/** A card whose directory is a link into the tree of devices, with nothing else. */
function linkedCard(address: string, below = 'drm/card0'): FixtureTree {
  return {
    [`sys/devices/pci0000:00/${address}/${below}`]: dir(),
    'sys/class/drm/card0': link(`../../devices/pci0000:00/${address}/${below}`),
  };
}

async function linksOf(
  tree: FixtureTree,
): Promise<{ bdf: string | undefined; links: readonly string[]; notes: CardNote[] }> {
  await using fixture = await hostFixture(tree);
  const host = new Host(fixture.root);
  const notes: CardNote[] = [];
  const bdf = await readBdf(host, 'card0');
  const names = await readByPathNames(host, notes);
  const card = { name: 'card0', bdf: bdf ?? '', nodes: ['/dev/dri/card0', '/dev/dri/renderD128'] };
  return { bdf, links: bdf === undefined ? [] : await readByPathLinks(host, card, names, notes), notes };
}

const files = { 'dev/dri/by-path/pci-0000:0f:05.0-card': 'a', 'dev/dri/by-path/pci-0000:0f:05.0-render': 'a' };

describe('readBdf() and readByPathLinks()', () => {
  it('A-G27: find the address and both links of a card', async () => {
    expect(await linksOf({ ...linkedCard('0000:0f:05.0'), ...files })).toMatchObject({
      bdf: '0000:0f:05.0',
      links: ['/dev/dri/by-path/pci-0000:0f:05.0-card', '/dev/dri/by-path/pci-0000:0f:05.0-render'],
    });
  });

  it('A-G28: find no links of another address', async () => {
    expect(await linksOf({ ...linkedCard('0000:ff:05.0'), ...files })).toMatchObject({
      bdf: '0000:ff:05.0',
      links: [],
    });
  });

  it('A-G29: take nothing for an address that is none', async () => {
    expect(await linksOf({ ...linkedCard('000:ff:05.1'), ...files })).toMatchObject({ bdf: undefined, links: [] });
  });

  it('A-G30: find no address in a link that does not lead to a card', async () => {
    expect(await linksOf({ ...linkedCard('0000:0f:05.0', 'drm'), ...files })).toMatchObject({ bdf: undefined });
  });

  it('A-G31: find no address of a card that is no link, or not there', async () => {
    expect(await linksOf({ 'sys/class/drm/card0': dir(), ...files })).toMatchObject({ bdf: undefined });
    expect(await linksOf({ 'sys/class/drm': dir(), ...files })).toMatchObject({ bdf: undefined });
  });

  it('A-G32: find no links where there are none', async () => {
    const tree = { ...linkedCard('0000:0f:05.0'), 'dev/dri/by-path': dir() };
    expect(await linksOf(tree)).toEqual({ bdf: '0000:0f:05.0', links: [], notes: [] });
  });

  it('take the address from the device of a card first', async () => {
    const tree = { 'sys/class/drm/card0/device': link('../../../0000:00:02.0') };
    expect(await linksOf(tree)).toMatchObject({ bdf: '0000:00:02.0' });
  });

  it('leave out links that dangle, lead to another card, or only begin like those of the card', async () => {
    const stale = '0000:03:00.0-platform-simple-framebuffer.0-card';
    const tree = {
      ...gpuTree({ 0: { byPath: false }, 1: { byPath: false } }),
      'dev/dri/by-path/pci-0000:03:00.0-card': link('../card7'),
      'dev/dri/by-path/pci-0000:03:00.0-render': link('../renderD129'),
      [`dev/dri/by-path/pci-${stale}`]: link('../card0'),
    };
    const { links, notes } = await linksOf(tree);
    expect(links).toEqual([]);
    expect(notes.map(({ reason }) => reason)).toEqual([
      '/dev/dri/by-path/pci-0000:03:00.0-card leads to nothing, so it is left out',
      '/dev/dri/by-path/pci-0000:03:00.0-render leads to /dev/dri/renderD129, so it is left out',
    ]);
  });
});

describe('readDeviceId()', () => {
  it.each([
    ['0x5959', '0x5959'],
    ['0x5959\nmore\n', '0x5959'],
    ['5959', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('A-G33: makes of %j %j', async (content, expected) => {
    const file = 'sys/class/drm/card0/device/device';
    await using fixture = await hostFixture(content === undefined ? { sys: dir() } : { [file]: content });
    expect(await readDeviceId(new Host(fixture.root), 'card0')).toBe(expected);
  });
});

describe('bdfOfCardPath()', () => {
  it.each([
    ['/sys/devices/pci0000:00/0000:00:02.0/drm/card0', '0000:00:02.0'],
    ['/sys/devices/pci0000:00/10000:00:02.0/drm/card10', '10000:00:02.0'],
    ['/sys/devices/pci0000:00/0000:00:02.0/drm/renderD128', undefined],
    ['/sys/devices/virtual/drm/card0', undefined],
    ['', undefined],
  ])('finds in %j %j', (path, expected) => {
    expect(bdfOfCardPath(path)).toBe(expected);
  });
});

describe('bdfOfCardPath() of any text', () => {
  it('is an address in the text, or nothing', () => {
    const part = fc.constantFrom('/', 'drm', 'card0', '0000:0f:05.0', '0000:0f:05.8', '..', 'card');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const found = bdfOfCardPath(parts.join(''));
        if (found !== undefined) expect(parts.join('')).toContain(`${found}/drm/card`);
        expect([undefined, '0000:0f:05.0']).toContain(found);
      }),
    );
  });
});

describe('readMeiNodes()', () => {
  it.each([
    [[], []],
    [['xe.mei-gscfi.1024/mei/mei1'], ['/dev/mei1']],
    [
      ['i915.mei-gscfi.1024/mei/mei1', 'i915.mei-gscfi.1025/mei/mei2'],
      ['/dev/mei1', '/dev/mei2'],
    ],
    [['xe.mei-gscfi.1024/other/mei1', 'drm/card0'], []],
  ])('A-G39: finds for %j the nodes %j', async (names, expected) => {
    const device = 'sys/class/drm/card0/device';
    await using fixture = await hostFixture(
      Object.fromEntries([device, ...names.map((name) => `${device}/${name}`)].map((path) => [path, dir()])),
    );
    expect(await readMeiNodes(new Host(fixture.root), 'card0')).toEqual(expected);
  });
});
