// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { useWorld } from './world.ts';

const world = useWorld();

describe('a script', () => {
  it('goes on at SIGUSR2, and its steps are in the log', async () => {
    const plugin = await world.startWith(`
      simulated:
        - resourceName: a.b/red
          deviceIDPrefix: red
          script: [{ signal: 1, fail: [0], reason: overheated }, { signal: 2, remove: [1] }]
        - { resourceName: a.b/blue, deviceIDPrefix: blue }
    `);
    await world.kubelet.waitFor({ resource: 'a.b/red', devices: { 'red--0': 'Healthy', 'red--1': 'Healthy' } });
    plugin.signal('SIGUSR2');
    await world.kubelet.waitFor({ resource: 'a.b/red', devices: { 'red--0': 'Unhealthy', 'red--1': 'Healthy' } });
    plugin.signal('SIGUSR2');
    await world.kubelet.waitFor({ resource: 'a.b/red', devices: { 'red--0': 'Unhealthy' } });
    await world.kubelet.waitFor({ resource: 'a.b/blue', devices: 2 });
    expect(plugin.stderr).toContain(
      '"step of a script" resource="a.b/red" kind="fail" devices=[0] reason="overheated"',
    );
  });

  it('slows Allocate', async () => {
    await world.startWith('{ numberDevicesOnNode: 1, script: [{ slowAllocate: 300ms }] }');
    const resource = 'example.com/simple-device';
    await world.kubelet.waitFor({ resource, allocatable: 1 });
    const startMs = performance.now();
    await world.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [resource]: 1 } }] });
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(300);
  });
});
