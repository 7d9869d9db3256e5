// SPDX-License-Identifier: Apache-2.0
import { rename, symlink } from 'node:fs/promises';
import { Host, type DeviceTree } from '@kube-device-plugins/core';
import {
  dir,
  hostFixture,
  link,
  RecordingNotifier,
  type FixtureTree,
  type HostFixture,
} from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { GpuPlugin } from '../src/plugin.ts';
import { behindLink, cardTree, gpuTree } from './fixtures/gpu-tree.ts';
import { optionsOf, type GivenFlags } from './fixtures/options.ts';

const split: GivenFlags = { 'enable-monitoring': true, 'monitoring-mode': 'split' };
const single: GivenFlags = { 'enable-monitoring': true };
const two = { 0: { driver: 'xe', deviceId: '0x1234' }, 1: { deviceId: '0x9876' } };

let scan: Scan | undefined;

afterEach(async () => {
  await scan?.end();
});

/** A plugin that looks for devices of a fixture until the test is over. */
class Scan {
  readonly notifier = new RecordingNotifier();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly fixture: HostFixture;

  constructor(fixture: HostFixture, flags: GivenFlags) {
    this.fixture = fixture;
    const plugin = new GpuPlugin(new Host(fixture.root), optionsOf(flags));
    this.#running = plugin.scan(this.notifier, this.#stop.signal);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.fixture.dispose();
  }
}

async function start(tree: FixtureTree, flags: GivenFlags = {}): Promise<Scan> {
  scan = new Scan(await hostFixture(tree), flags);
  return scan;
}

function counts(tree: DeviceTree): Record<string, number> {
  return Object.fromEntries([...tree.resources].map(([resource, devices]) => [resource, devices.size]));
}

async function found(tree: FixtureTree, flags: GivenFlags = {}): Promise<Record<string, number>> {
  const { notifier } = await start(tree, flags);
  return counts(await notifier.waitFor(() => true));
}

const vendorOnly = { 'sys/class/drm/card0/device/vendor': '0x8086' };
const controlNode: FixtureTree = {
  ...vendorOnly,
  'sys/class/drm/card0/device/drm/card0': dir(),
  'sys/class/drm/card0/device/drm/controlD64': dir(),
  'dev/dri/card0': 'c 226:0',
  'dev/dri/controlD64': 'c 226:64',
  'dev/dri/by-path/pci-0000:00:00.0-card': 'a',
  'dev/dri/by-path/pci-0000:00:00.0-render': 'a',
};
const virtualFunctions = gpuTree({
  0: { sriovNumvfs: '2', bdf: '0000:00:02.0' },
  1: { bdf: '0000:00:02.1' },
  2: { bdf: '0000:00:02.2' },
});

describe('GpuPlugin.scan()', () => {
  it.each<[string, string, FixtureTree, GivenFlags, Record<string, number>]>([
    ['A-G1', 'an empty drm directory', { 'sys/class/drm': dir() }, {}, {}],
    ['A-G2', 'a card without anything', { 'sys/class/drm/card0': dir() }, {}, {}],
    ['A-G3', 'a card without nodes', vendorOnly, {}, {}],
    ['A-G4', 'a card with a control node', controlNode, {}, { i915: 1 }],
    ['A-G5', 'one of xe', { ...controlNode, 'sys/class/drm/card0/device/driver': link('drivers/xe') }, {}, { xe: 1 }],
    [
      'A-G6',
      'two of xe, split',
      gpuTree({ 0: { driver: 'xe' }, 1: { driver: 'xe' } }),
      split,
      { xe: 2, xe_monitoring: 1 },
    ],
    ['A-G7', 'one of each, split', gpuTree(two), split, { xe: 1, i915: 1, xe_monitoring: 1, i915_monitoring: 1 }],
    ['A-G8', 'one allowed', gpuTree(two), { ...split, 'allow-ids': '0x1234' }, { xe: 1, xe_monitoring: 1 }],
    [
      'A-G9',
      'two of three allowed',
      gpuTree({ ...two, 2: { deviceId: '0x0101' } }),
      { ...split, 'allow-ids': '0x1234,0x9876' },
      { xe: 1, i915: 1, xe_monitoring: 1, i915_monitoring: 1 },
    ],
    ['A-G10', 'one denied', gpuTree(two), { ...split, 'deny-ids': '0x1234' }, { i915: 1, i915_monitoring: 1 }],
    [
      'A-G11',
      'a function without virtual ones',
      gpuTree({ 0: { sriovNumvfs: '0' } }),
      single,
      { i915: 1, monitoring: 1 },
    ],
    ['A-G12', 'two cards, nodes of one', gpuTree({ 0: {}, 1: { nodes: [] } }), {}, { i915: 1 }],
    ['A-G13', 'virtual functions', virtualFunctions, {}, { i915: 2 }],
    [
      'A-G14',
      'shared cards',
      gpuTree({ 0: {}, 1: {} }),
      { ...single, 'shared-dev-num': 13 },
      { i915: 26, monitoring: 1 },
    ],
    ['A-G15', 'another vendor', gpuTree({ 0: { vendor: '0xbeef' } }), {}, {}],
    ['A-G15', 'another vendor, shared', gpuTree({ 0: { vendor: '0xbeef' } }), { ...single, 'shared-dev-num': 13 }, {}],
    ['A-G16', 'one of each, single', gpuTree(two), single, { xe: 1, i915: 1, monitoring: 1 }],
    [
      'A-G17',
      'two of xe, single',
      gpuTree({ 0: { driver: 'xe' }, 1: { driver: 'xe' } }),
      single,
      { xe: 2, monitoring: 1 },
    ],
    ['A-G18', 'a directory of something else', { 'sys/class/drm/non_gpu_card/device/vendor': '0x8086' }, {}, {}],
  ])('%s: finds of %s what there is', async (_id, _what, tree, flags, expected) => {
    expect(await found(tree, flags)).toEqual(expected);
  });

  it('A-G20: delivers every change of the inventory, however many there are in a row', async () => {
    const { notifier, fixture } = await start(gpuTree({ 0: {} }), { ...single, scanPeriodMs: 100 });
    await notifier.waitFor((tree) => tree.deviceTypeCount('i915') === 1);
    for (const number of [1, 2, 3, 4]) {
      await fixture.add(cardTree(number, { driver: number % 2 === 0 ? 'i915' : 'xe' }));
      await notifier.waitFor((tree) => tree.deviceTypeCount('i915') + tree.deviceTypeCount('xe') === number + 1);
    }
    for (const number of [4, 3, 2, 1]) {
      await fixture.remove(`dev/dri/renderD${number + 128}`);
      await fixture.remove(`dev/dri/card${number}`);
      await notifier.waitFor((tree) => tree.deviceTypeCount('i915') + tree.deviceTypeCount('xe') === number);
    }
    expect(notifier.last?.resources.get('monitoring')?.get('all')?.nodes).toHaveLength(2);
  });

  it('sees by its event what comes and goes in /dev/dri, and by-path when udev makes it later', async () => {
    const { notifier, fixture } = await start({ 'sys/class/drm': dir(), dev: dir() }, { scanPeriodMs: 3_600_000 });
    await notifier.waitFor(() => true);
    await fixture.add(gpuTree({ 0: { byPath: false } }));
    await notifier.waitFor((tree) => tree.deviceTypeCount('i915') === 1);
    const mounts = (tree: DeviceTree) => tree.resources.get('i915')?.get('card0-0')?.mounts?.length;
    expect(notifier.last && mounts(notifier.last)).toBeUndefined();
    await fixture.add(cardTree(0, {}));
    await notifier.waitFor((tree) => mounts(tree) === 2);
    await fixture.remove('dev/dri');
    const gone = await notifier.waitFor((tree) => tree.deviceTypeCount('i915') === 0);
    expect([...gone.resources.keys()]).toEqual(['i915']);
  });

  it('notifies the same tree while nothing changes, and the same content of cards that do not', async () => {
    const { notifier, fixture } = await start(gpuTree({ 0: {}, 1: {} }), { scanPeriodMs: 100, 'shared-dev-num': 2 });
    const first = await notifier.waitFor(() => true);
    expect(await notifier.next()).toBe(first);
    await fixture.remove('dev/dri/by-path/pci-0000:03:00.0-card');
    const devices = ({ resources }: DeviceTree, id: string) => resources.get('i915')?.get(id);
    const second = await notifier.waitFor((tree) => devices(tree, 'card0-0')?.mounts?.length === 1);
    expect(devices(second, 'card1-1')).toBe(devices(first, 'card1-1'));
  });

  it('has no devices as long as nobody can tell which cards there are, and keeps them when nobody can later', async () => {
    // A link that leads to itself is something that cannot be read.
    const tree = { ...behindLink(gpuTree({ 0: {} })), 'sys/class/drm': link('drm') };
    const { notifier, fixture } = await start(tree, { scanPeriodMs: 100 });
    const leadTo = async (target: string): Promise<void> => {
      await symlink(target, fixture.path('sys/class/drm.new'));
      await rename(fixture.path('sys/class/drm.new'), fixture.path('sys/class/drm'));
    };
    expect(counts(await notifier.waitFor(() => true))).toEqual({});
    await leadTo('drm.real');
    await notifier.waitFor((each) => each.deviceTypeCount('i915') === 1);
    const seen = notifier.trees.length;
    await leadTo('drm');
    // Some scans that find nothing to notify; how many does not matter.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await fixture.add(behindLink(cardTree(1, {})));
    await leadTo('drm.real');
    await notifier.waitFor((each) => each.deviceTypeCount('i915') === 2);
    expect(notifier.trees.slice(seen).map((each) => each.deviceTypeCount('i915'))).not.toContain(0);
  });

  it('gives the whole by-path directory with -bypath=all, from when there is one', async () => {
    const { notifier, fixture } = await start(gpuTree({ 0: { byPath: false } }), { bypath: 'all', scanPeriodMs: 100 });
    const mounts = (tree: DeviceTree) => tree.resources.get('i915')?.get('card0-0')?.mounts;
    expect(mounts(await notifier.waitFor(() => true))).toBeUndefined();
    await fixture.add({ 'dev/dri/by-path': dir() });
    const path = `${fixture.root}/dev/dri/by-path`;
    expect(mounts(await notifier.waitFor((tree) => mounts(tree) !== undefined))).toEqual([
      { hostPath: path, containerPath: path, readOnly: true },
    ]);
  });
});

describe('GpuPlugin', () => {
  it('A-G45: leaves allocation to the core', async () => {
    await using fixture = await hostFixture({ sys: dir() });
    const plugin = new GpuPlugin(new Host(fixture.root), optionsOf());
    expect('allocate' in plugin || 'postAllocate' in plugin || 'preStartContainer' in plugin).toBe(false);
  });

  it('prefers devices for each container by its policy', async () => {
    await using fixture = await hostFixture({ sys: dir() });
    const plugin = new GpuPlugin(new Host(fixture.root), optionsOf({ 'allocation-policy': 'packed' }));
    const availableDeviceIDs = ['card1-0', 'card0-1', 'card0-0'];
    const containerRequests = [[], ['card1-0']].map((mustIncludeDeviceIDs) => ({
      availableDeviceIDs,
      mustIncludeDeviceIDs,
      allocationSize: 2,
    }));
    expect(await plugin.getPreferredAllocation({ containerRequests })).toEqual({
      containerResponses: [{ deviceIDs: ['card0-0', 'card0-1'] }, { deviceIDs: ['card1-0', 'card0-0'] }],
    });
  });
});
