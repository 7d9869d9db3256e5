// SPDX-License-Identifier: Apache-2.0
import { Host, requestRescan, UseDefaultMethodError, type DeviceTree, type Health } from '@kube-device-plugins/core';
import { hostFixture, link, node, RecordingNotifier, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { pathRule } from '../test/path-rule.ts';
import type { SimpleOptions } from './options.ts';
import { LiveOptions } from './options/live-options.ts';
import type { ScriptStep } from './options/script.ts';
import type { SimulatedResource } from './options/simulated-resource.ts';
import { hostPaths, SimplePlugin } from './plugin.ts';

const stop = { controller: new AbortController(), scan: Promise.resolve() };
let fixture: HostFixture;

beforeEach(async () => {
  fixture = await hostFixture({});
});

afterEach(async () => {
  stop.controller.abort();
  await stop.scan;
  await fixture.dispose();
});

const anHourMs = 3_600_000;
const none: SimpleOptions = { hostResources: [], simulatedResources: [], nodeName: 'n', scanPeriodMs: anHourMs };

function simulated(script: readonly ScriptStep[] = [], deviceIDPrefix = 'red'): SimulatedResource {
  return {
    resourceName: `a.b/${deviceIDPrefix}`,
    numberDevicesOnNode: 2,
    pluginName: 'red',
    deviceIDPrefix,
    annotationPrefix: '',
    envPrefix: '',
    deviceFilePrefix: '',
    valueStyle: 'index',
    script,
  };
}

/** Scans until the end of the test. */
function scan(options: SimpleOptions): RecordingNotifier {
  const notifier = new RecordingNotifier();
  stop.controller = new AbortController();
  stop.scan = new SimplePlugin(new Host(fixture.root), new LiveOptions(options)).scan(notifier, stop.controller.signal);
  return notifier;
}

const healthOf = (tree: DeviceTree | undefined, resource: string): Record<string, Health> =>
  Object.fromEntries([...(tree?.resources.get(resource) ?? [])].map(([id, { health }]) => [id, health]));

describe('SimplePlugin', () => {
  it('publishes the device nodes of the host as they are at each scan', async () => {
    await fixture.add({ '/dev/loop0': node('b', 7, 0) });
    const devices = ['/dev/kvm', '/dev/loop*'].map((path) => pathRule({ path }));
    const notifier = scan({ ...none, hostResources: [{ name: 'a.b/x', devices }] });
    await expect.poll(() => healthOf(notifier.last, 'a.b/x')).toEqual({ kvm: 'Unhealthy', loop0: 'Healthy' });
    await fixture.add({ '/dev/kvm': node('c', 10, 232) });
    await fixture.remove('/dev/loop0');
    requestRescan();
    await expect.poll(() => healthOf(notifier.last, 'a.b/x')).toEqual({ kvm: 'Healthy' });
  });

  it('knows the NUMA node of a device as soon as sysfs does', async () => {
    await fixture.add({ '/dev/kvm': node('c', 10, 232) });
    const devices = [pathRule({ path: '/dev/kvm' })];
    const notifier = scan({ ...none, hostResources: [{ name: 'a.b/x', devices }] });
    await expect.poll(() => healthOf(notifier.last, 'a.b/x')).toEqual({ kvm: 'Healthy' });
    expect(notifier.last?.resources.get('a.b/x')?.get('kvm')?.topology).toBeUndefined();
    await fixture.add({
      '/sys/devices/pci0/kvm/dev': '10:232\n',
      '/sys/devices/pci0/local_cpulist': '8-15\n',
      '/sys/devices/pci0/numa_node': '1\n',
      '/sys/dev/char/10:232': link('../../devices/pci0/kvm'),
    });
    requestRescan();
    const topology = { nodes: [{ ID: 1 }] };
    await expect.poll(() => notifier.last?.resources.get('a.b/x')?.get('kvm')?.topology).toEqual(topology);
  });

  it('prefers shares of different devices, and none that it does not list', async () => {
    await fixture.add({ '/dev/a': node('c', 1, 3), '/dev/b': node('c', 1, 5) });
    const devices = ['/dev/a', '/dev/b'].map((path) => ({ ...pathRule({ path }), count: 2 }));
    const notifier = new RecordingNotifier();
    stop.controller = new AbortController();
    const hostResources = [{ name: 'a.b/x', devices }];
    const plugin = new SimplePlugin(new Host(fixture.root), new LiveOptions({ ...none, hostResources }));
    stop.scan = plugin.scan(notifier, stop.controller.signal);
    await notifier.waitFor((tree) => tree.deviceTypeCount('a.b/x') === 4);
    const request = { availableDeviceIDs: ['b::1', 'a::1', 'a::0', '0'], mustIncludeDeviceIDs: [], allocationSize: 2 };
    const answer = await plugin.getPreferredAllocation({
      containerRequests: [request, { ...request, allocationSize: 4 }],
    });
    expect(answer).toEqual({ containerResponses: [{ deviceIDs: ['a::0', 'b::1'] }, { deviceIDs: [] }] });
  });

  it('hands out the same tree at each scan while all is simulated', async () => {
    const notifier = scan({ ...none, simulatedResources: [simulated()] });
    await expect.poll(() => notifier.trees.length).toBe(1);
    requestRescan();
    await expect.poll(() => notifier.trees.length).toBe(2);
    expect(notifier.trees[1]).toBe(notifier.trees[0]);
    expect(healthOf(notifier.trees[0], 'a.b/red')).toEqual({ 'red-n-0': 'Healthy', 'red-n-1': 'Healthy' });
  });

  it('needs nothing of the host but its device nodes', () => expect(hostPaths).toEqual(['/dev']));
});

describe('SimplePlugin with a script', () => {
  let plugin: SimplePlugin;
  let notifier: RecordingNotifier;

  let changes: { current: SimpleOptions };

  const optionsWith = (...simulatedResources: readonly SimulatedResource[]): SimpleOptions => ({
    ...none,
    simulatedResources,
  });

  /** Scans until the end of the test, which makes the time go by. */
  async function play(options: LiveOptions): Promise<void> {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    notifier = new RecordingNotifier();
    plugin = new SimplePlugin(new Host(fixture.root), options);
    stop.controller = new AbortController();
    stop.scan = plugin.scan(notifier, stop.controller.signal);
    await vi.advanceTimersByTimeAsync(0);
  }

  async function changeTo(...resources: readonly SimulatedResource[]): Promise<void> {
    changes.current = optionsWith(...resources);
    requestRescan();
    await vi.advanceTimersByTimeAsync(0);
  }

  const fixed = (...resources: readonly SimulatedResource[]): LiveOptions => new LiveOptions(optionsWith(...resources));

  const red = (): Record<string, Health> => healthOf(notifier.last, 'a.b/red');
  const fail = (atMs: number, signal = 0): ScriptStep => ({
    atMs,
    signal,
    action: { kind: 'fail', devices: [0], reason: 'hot' },
  });

  it('publishes each step when it is due, and nothing in between', async () => {
    await play(fixed(simulated([fail(5_000), { atMs: 6_000, signal: 0, action: { kind: 'remove', devices: [1] } }])));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(red()).toEqual({ 'red-n-0': 'Healthy', 'red-n-1': 'Healthy' });
    expect(notifier.trees).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(red()).toEqual({ 'red-n-0': 'Unhealthy', 'red-n-1': 'Healthy' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(red()).toEqual({ 'red-n-0': 'Unhealthy' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(notifier.trees).toHaveLength(3);
  });

  it('flaps as often as it says', async () => {
    const action = { kind: 'flap', devices: 'all', hz: 10, forMs: 1_000 } as const;
    await play(fixed(simulated([{ atMs: 0, signal: 0, action }])));
    await vi.advanceTimersByTimeAsync(5_000);
    const seen = notifier.trees.map((tree) => healthOf(tree, 'a.b/red')['red-n-0']?.charAt(0)).join('');
    expect(seen).toBe(`${'UH'.repeat(10)}H`);
  });

  it('goes on at a signal', async () => {
    await play(fixed(simulated([fail(100, 1)])));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(red()).toMatchObject({ 'red-n-0': 'Healthy' });
    plugin.signal();
    await vi.advanceTimersByTimeAsync(99);
    expect(red()).toMatchObject({ 'red-n-0': 'Healthy' });
    await vi.advanceTimersByTimeAsync(1);
    expect(red()).toMatchObject({ 'red-n-0': 'Unhealthy' });
  });

  it('slows the allocation of the devices that it is about, and of no others', async () => {
    await play(
      fixed(
        simulated([{ atMs: 0, signal: 0, action: { kind: 'slowAllocate', delayMs: 250 } }]),
        simulated([{ atMs: 0, signal: 1, action: { kind: 'slowAllocate', delayMs: 250 } }], 'blue'),
        simulated([], 'green'),
      ),
    );
    const tookMs = async (id: string): Promise<number> => {
      const startMs = performance.now();
      const answer = plugin.allocate({ containerRequests: [{ devicesIds: [id] }] }).catch((error: unknown) => error);
      await vi.runOnlyPendingTimersAsync();
      expect(await answer).toBeInstanceOf(UseDefaultMethodError);
      return performance.now() - startMs;
    };
    stop.controller.abort();
    await stop.scan;
    expect([await tookMs('blue-n-0'), await tookMs('green-n-1')]).toEqual([0, 0]);
    expect(await tookMs('red-n-1')).toBe(250);
  });

  it('begins with the configuration that brings it, and goes on through one that leaves it as it is', async () => {
    const before = simulated([fail(5_000)]);
    changes = { current: optionsWith(before) };
    const read = (own: unknown): Promise<SimpleOptions> => Promise.resolve(own as SimpleOptions);
    await play(new LiveOptions(changes.current, { ownConfig: changes, read }));
    await vi.advanceTimersByTimeAsync(3_000);
    await changeTo(simulated([fail(5_000)]), simulated([fail(5_000)], 'blue'));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(red()).toMatchObject({ 'red-n-0': 'Unhealthy' });
    expect(healthOf(notifier.last, 'a.b/blue')).toMatchObject({ 'blue-n-0': 'Healthy' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(healthOf(notifier.last, 'a.b/blue')).toMatchObject({ 'blue-n-0': 'Unhealthy' });
    await changeTo(simulated([fail(7_000)]));
    await vi.advanceTimersByTimeAsync(6_999);
    expect([...(notifier.last?.resources.keys() ?? [])]).toEqual(['a.b/red']);
    expect(red()).toMatchObject({ 'red-n-0': 'Healthy' });
    await vi.advanceTimersByTimeAsync(1);
    expect(red()).toMatchObject({ 'red-n-0': 'Unhealthy' });
  });

  it('leaves no timer behind', async () => {
    await play(fixed(simulated([fail(5_000)])));
    stop.controller.abort();
    await stop.scan;
    plugin.signal();
    expect(vi.getTimerCount()).toBe(0);
    expect(notifier.trees).toHaveLength(1);
  });
});
