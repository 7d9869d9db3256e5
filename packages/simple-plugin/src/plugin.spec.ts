// SPDX-License-Identifier: Apache-2.0
import { Host, requestRescan, type DeviceTree, type Health } from '@kube-device-plugins/core';
import { hostFixture, link, node, RecordingNotifier, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimpleOptions } from './options.ts';
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

/** Scans until the end of the test. */
function scan(options: SimpleOptions): RecordingNotifier {
  const notifier = new RecordingNotifier();
  stop.controller = new AbortController();
  stop.scan = new SimplePlugin(new Host(fixture.root), options).scan(notifier, stop.controller.signal);
  return notifier;
}

const healthOf = (tree: DeviceTree | undefined, resource: string): Record<string, Health> =>
  Object.fromEntries([...(tree?.resources.get(resource) ?? [])].map(([id, { health }]) => [id, health]));

describe('SimplePlugin', () => {
  it('publishes the device nodes of the host as they are at each scan', async () => {
    await fixture.add({ '/dev/loop0': node('b', 7, 0) });
    const devices = ['/dev/kvm', '/dev/loop*'].map((path) => ({ path, permissions: 'rw' }));
    const notifier = scan({ ...none, hostResources: [{ name: 'a.b/x', devices }] });
    await expect.poll(() => healthOf(notifier.last, 'a.b/x')).toEqual({ kvm: 'Unhealthy', loop0: 'Healthy' });
    await fixture.add({ '/dev/kvm': node('c', 10, 232) });
    await fixture.remove('/dev/loop0');
    requestRescan();
    await expect.poll(() => healthOf(notifier.last, 'a.b/x')).toEqual({ kvm: 'Healthy' });
  });

  it('knows the NUMA node of a device as soon as sysfs does', async () => {
    await fixture.add({ '/dev/kvm': node('c', 10, 232) });
    const devices = [{ path: '/dev/kvm', permissions: 'rw' }];
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

  it('hands out the same tree at each scan while all is simulated', async () => {
    const red = {
      resourceName: 'a.b/red',
      numberDevicesOnNode: 2,
      pluginName: 'red',
      deviceIDPrefix: 'red',
      annotationPrefix: '',
      envPrefix: '',
      deviceFilePrefix: '',
      valueStyle: 'index',
    } as const;
    const notifier = scan({ ...none, simulatedResources: [red] });
    await expect.poll(() => notifier.trees.length).toBe(1);
    requestRescan();
    await expect.poll(() => notifier.trees.length).toBe(2);
    expect(notifier.trees[1]).toBe(notifier.trees[0]);
    expect(healthOf(notifier.trees[0], 'a.b/red')).toEqual({ 'red-n-0': 'Healthy', 'red-n-1': 'Healthy' });
  });

  it('needs nothing of the host but its device nodes', () => expect(hostPaths).toEqual(['/dev']));
});
