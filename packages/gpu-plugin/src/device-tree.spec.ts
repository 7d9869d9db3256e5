// SPDX-License-Identifier: Apache-2.0
import type { DeviceTree } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { optionsOf, type GivenFlags } from '../test/fixtures/options.ts';
import { gpuDeviceTree } from './device-tree.ts';
import { acceptedCards, namelessNotes } from './device-tree/accepted-cards.ts';
import { byPathMounts, cardDevice } from './device-tree/card-device.ts';
import { wslDeviceTree } from './device-tree/wsl.ts';
import type { GpuCard } from './sysfs/gpu-card.ts';

function card(number: number, given: Partial<GpuCard> = {}): GpuCard {
  return {
    name: `card${number}`,
    driver: 'i915',
    bdf: `0000:0${number}:00.0`,
    deviceId: '0x56c0',
    nodes: [`/dev/dri/card${number}`, `/dev/dri/renderD${128 + number}`],
    byPathLinks: [`/dev/dri/by-path/pci-0000:0${number}:00.0-card`],
    meiNodes: [],
    ...given,
  };
}

function treeOf(cards: readonly GpuCard[], flags: GivenFlags = {}, resources: readonly string[] = []): DeviceTree {
  const infoOf = ({ nodes }: GpuCard) => ({
    health: 'Healthy' as const,
    nodes: nodes.map((path) => ({ hostPath: path, containerPath: path, permissions: 'rw' })),
  });
  return gpuDeviceTree(cards, infoOf, optionsOf(flags), resources, (path) => path);
}

function idsOf(tree: DeviceTree): Record<string, string[]> {
  return Object.fromEntries([...tree.resources].map(([resource, devices]) => [resource, [...devices.keys()]]));
}

describe('gpuDeviceTree()', () => {
  it('gives each share of a card an id, and all of them the same content', () => {
    const tree = treeOf([card(0), card(1, { driver: 'xe' })], { 'shared-dev-num': 2 });
    expect(idsOf(tree)).toEqual({ i915: ['card0-0', 'card0-1'], xe: ['card1-0', 'card1-1'] });
    const [first, second] = [...(tree.resources.get('i915')?.values() ?? [])];
    expect(first).toBe(second);
  });

  it('makes ids of PCI addresses when asked to, and of names where there is none, or one twice', () => {
    const { bdf, ...withoutBdf } = card(2);
    const twin = card(3, bdf === undefined ? {} : { bdf: '0000:00:00.0' });
    expect(idsOf(treeOf([card(0), withoutBdf, twin], { 'id-style': 'pci' }))).toEqual({
      i915: ['0000:00:00.0-0', 'card2-0', 'card3-0'],
    });
  });

  it('names resources by the rules, and publishes no card that is not to have one', () => {
    const cards = [card(0, { bdf: '0000:00:02.0' }), card(1, { driver: 'xe' }), card(2, { bdf: '0000:00:02.1' })];
    const names = (template: string) => idsOf(treeOf(cards, { 'resource-name-template': template }));
    expect(names('{driver}-{class}')).toEqual({
      'i915-integrated': ['card0-0', 'card2-0'],
      'xe-discrete': ['card1-0'],
    });
    expect(names('class=integrated:')).toEqual({ xe: ['card1-0'] });
    expect(names('{device}')).toEqual({ '56c0': ['card0-0', 'card1-0', 'card2-0'] });
  });

  it('keeps resources that are to stay', () => {
    expect(idsOf(treeOf([], { 'enable-monitoring': true }, ['i915']))).toEqual({ i915: [] });
  });

  it('gives monitoring the nodes of all cards, and of their engines, once and without a place', () => {
    const topology = { nodes: [{ ID: 1 }] };
    const cards = [card(0, { topology, meiNodes: ['/dev/mei0'] }), card(1, { driver: 'xe' }), card(2)];
    const single = treeOf(cards, { 'enable-monitoring': true, 'shared-dev-num': 5 }).resources.get('monitoring');
    expect([...(single?.keys() ?? [])]).toEqual(['all']);
    const paths = ['/dev/dri/card0', '/dev/dri/renderD128', '/dev/mei0', '/dev/dri/card1', '/dev/dri/renderD129'];
    expect(single?.get('all')).toEqual({
      health: 'Healthy',
      nodes: [...paths, '/dev/dri/card2', '/dev/dri/renderD130'].map((path) => ({
        hostPath: path,
        containerPath: path,
        permissions: 'rw',
      })),
    });
    const split = treeOf(cards, { 'enable-monitoring': true, 'monitoring-mode': 'split' });
    expect(idsOf(split)).toMatchObject({ i915_monitoring: ['all'], xe_monitoring: ['all'] });
    expect(split.resources.get('xe_monitoring')?.get('all')?.nodes).toHaveLength(2);
  });
});

describe('acceptedCards()', () => {
  const { deviceId, ...withoutId } = card(3);
  const cards = [card(0, { deviceId: '0x1234' }), card(1, { deviceId: '0x12345' }), card(2), withoutId];

  it.each<[GivenFlags, string[]]>([
    [{}, ['card0', 'card1', 'card2', 'card3']],
    [{ 'allow-ids': '0x1234' }, ['card0']],
    [{ 'allow-ids': `0x1234,${deviceId ?? ''}` }, ['card0', 'card2']],
    [{ 'deny-ids': '0x1234' }, ['card1', 'card2']],
  ])('leaves by %j, which are compared as a whole, %j', (flags, names) => {
    const { accepted, notes } = acceptedCards(cards, optionsOf(flags).deviceIds);
    expect(accepted.map(({ name }) => name)).toEqual(names);
    expect(notes.map(({ about }) => about)).toEqual(
      cards.map(({ name }) => name).filter((name) => !names.includes(name)),
    );
    // That a card is on a list, or not, is as it should be; that nobody knows what it is, is not.
    expect(notes.filter(({ kind }) => kind === 'trouble').map(({ about }) => about)).toEqual(
      notes.some(({ about }) => about === 'card3') ? ['card3'] : [],
    );
  });
});

describe('namelessNotes()', () => {
  it.each([
    ['{driver}', []],
    [':', ['card0', 'card1']],
    ['device=0x1234:', ['card0']],
  ])('tell of the cards that get no resource by %j', (template, names) => {
    const rules = optionsOf({ 'resource-name-template': template }).resourceRules;
    const notes = namelessNotes([card(0, { deviceId: '0x1234' }), card(1)], rules);
    expect(notes.map(({ about, kind, isLeftOut }) => [about, kind, isLeftOut])).toEqual(
      names.map((name) => [name, 'intended', true]),
    );
  });
});

describe('byPathMounts()', () => {
  const byPathLinks = ['/dev/dri/by-path/pci-0000:00:02.0-card', '/dev/dri/by-path/pci-0000:00:02.0-render'];
  const paths = (byPath: 'single' | 'all' | 'none', hasByPath = true) =>
    byPathMounts({ byPathLinks }, { byPath, hasByPath, onHost: (path) => `/tree${path}` }).map((mount) => {
      expect(mount).toMatchObject({ containerPath: mount.hostPath, readOnly: true });
      return mount.hostPath;
    });

  it('A-G34: are the directory, nothing, or the links in order', () => {
    expect(paths('all')).toEqual(['/tree/dev/dri/by-path']);
    expect(paths('none')).toEqual([]);
    expect(paths('single')).toEqual(byPathLinks.map((path) => `/tree${path}`));
  });

  it('are nothing while there is no directory', () => {
    expect(paths('all', false)).toEqual([]);
  });
});

describe('cardDevice()', () => {
  it('has a CDI device with the nodes alone when there are no mounts', () => {
    const surroundings = { byPath: 'none', hasByPath: false, onHost: (path: string) => path } as const;
    expect(cardDevice(card(0), 'card0', surroundings)).toEqual({
      nodes: [
        expect.objectContaining({ hostPath: '/dev/dri/card0' }),
        expect.objectContaining({ hostPath: '/dev/dri/renderD128' }),
      ],
      cdiDevices: [
        {
          kind: 'intel.cdi.k8s.io/gpu',
          name: 'card0',
          containerEdits: {
            deviceNodes: ['card0', 'renderD128'].map((name) => ({
              path: `/dev/dri/${name}`,
              hostPath: `/dev/dri/${name}`,
              permissions: 'rw',
            })),
          },
        },
      ],
    });
  });
});

describe('wslDeviceTree()', () => {
  it('gives each card the one node, the libraries and its index', () => {
    const topology = { nodes: [{ ID: 0 }] };
    const tree = wslDeviceTree([0, 2], 2, topology, (path) => path);
    expect(idsOf(tree)).toEqual({ dxg: ['card0-0', 'card0-1', 'card2-0', 'card2-1'] });
    expect(tree.resources.get('dxg')?.get('card2-1')).toEqual({
      health: 'Healthy',
      nodes: [{ hostPath: '/dev/dxg', containerPath: '/dev/dxg', permissions: 'rw' }],
      mounts: [{ hostPath: '/usr/lib/wsl', containerPath: '/usr/lib/wsl', readOnly: true }],
      envs: { ZE_AFFINITY_MASK: '2' },
      topology,
    });
  });

  it('keeps the resource while there is no card', () => {
    expect(idsOf(wslDeviceTree([], 1, undefined, (path) => path))).toEqual({ dxg: [] });
  });
});
