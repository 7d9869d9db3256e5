// SPDX-License-Identifier: Apache-2.0
import type { KubeletEvent } from '@kube-device-plugins/testkit';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Manager } from '../src/manage/manager.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { isSettled } from '../src/serve/abortable.ts';
import { startGate } from '../src/watch/start-gate.ts';
import { devices, treeOf } from './devices.ts';
import { blue, listsOf, namespace, red, Rig, TreePlugin } from './rig.ts';

describe('new Manager()', () => {
  it.each(['', 'Color.example.com', 'kubernetes.io', 'requests.example.com', 'a/b', 'x'.repeat(250)])(
    'refuses the namespace %j',
    (name) => {
      expect(() => new Manager(name, new TreePlugin())).toThrow(
        expect.objectContaining({ code: 'RESOURCE_NAME_INVALID' }),
      );
    },
  );

  it('has the defaults of a stock node', async () => {
    // Nothing is scanned, as the signal has aborted, so nothing of this host is touched.
    await expect(new Manager(namespace, new TreePlugin(treeOf({}))).run(AbortSignal.abort())).resolves.toBeUndefined();
  });
});

describe('Manager.run()', () => {
  it('registers each resource on a socket of its own', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(treeOf({ red: ['a', 'b!'], blue: ['c'], 'other.example.com/green': [] })));
    await rig.kubelet.waitFor({ resource: red, devices: { a: 'Healthy', b: 'Unhealthy' }, state: 'connected' });
    await rig.kubelet.waitFor({ resource: blue, devices: ['c'], state: 'connected' });
    await rig.kubelet.waitFor({ resource: 'other.example.com/green', devices: [], state: 'connected' });
    expect(rig.files()).toEqual([
      expect.stringMatching(/^color\.example\.com-blue-[0-9a-f]{8}\.sock$/),
      expect.stringMatching(/^color\.example\.com-red-[0-9a-f]{8}\.sock$/),
      expect.stringMatching(/^other\.example\.com-green-[0-9a-f]{8}\.sock$/),
    ]);
    const requests = rig.kubelet.calls.flatMap((call) => (call.method === 'Register' ? [call.request] : []));
    expect(requests).toHaveLength(3);
    for (const request of requests) {
      expect(request).toMatchObject({
        version: 'v1beta1',
        options: { preStartRequired: false, getPreferredAllocationAvailable: false },
      });
      expect(rig.files()).toContain(request.endpoint);
    }
  });

  it('sends complete and sorted lists, and never an empty one while devices are known', async () => {
    await using rig = await Rig.withKubelet();
    const events: KubeletEvent[] = [];
    rig.kubelet.subscribe((event) => events.push(event));
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['b', 'a', 'C'] })));
    await rig.kubelet.waitFor({ resource: red, devices: 3 });
    plugin.find({ red: ['d', 'a', 'b', 'C'] });
    await rig.kubelet.waitFor({ resource: red, devices: 4 });
    plugin.find({ red: ['a'] });
    await rig.kubelet.waitFor({ resource: red, devices: 1 });
    expect(listsOf(events, red)).toEqual([['C', 'a', 'b'], ['C', 'a', 'b', 'd'], ['a']]);
  });

  it('adds, changes and removes resources without disturbing the others', async () => {
    await using rig = await Rig.withKubelet();
    const events: KubeletEvent[] = [];
    rig.kubelet.subscribe((event) => events.push(event));
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a'] })));
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    plugin.find({ red: ['a'], blue: ['b'] });
    await rig.kubelet.waitFor({ resource: blue, devices: ['b'] });
    plugin.find({ red: ['a'], blue: ['b!'] });
    await rig.kubelet.waitFor({ resource: blue, devices: { b: 'Unhealthy' } });
    plugin.find({ red: ['a'] });
    await rig.kubelet.waitFor({ resource: blue, state: 'disconnected', devices: [], capacity: 0 });
    await expect.poll(() => rig.files()).toEqual([basename(rig.socketOf(red))]);
    expect(listsOf(events, red)).toEqual([['a']]);
    expect(listsOf(events, blue)).toEqual([['b'], ['b'], []]);
    expect(rig.kubelet.registrations(red)).toBe(1);
    expect(events.filter(({ type }) => type === 'streamEnded')).toHaveLength(1);
  });

  it('empties a resource that keeps its name, and fills it again', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    plugin.find({ red: [] });
    await rig.kubelet.waitFor({ resource: red, devices: [], state: 'connected' });
    plugin.find({ red: ['a'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected', registrations: 1 });
    expect(rig.kubelet.registrations(red)).toBe(1);
  });

  it.each(['1.26', '1.37'] as const)(
    'brings back a resource that was gone for a moment, with a kubelet of %s',
    async (profile) => {
      await using rig = await Rig.withKubelet({ profile });
      const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a'], blue: ['b'] })));
      await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected' });
      await rig.kubelet.waitFor({ resource: blue, devices: ['b'], state: 'connected' });
      for (let i = 1; i <= 5; i++) {
        plugin.find({ blue: ['b'] });
        plugin.find({ red: [`a${i}`], blue: ['b'] });
        await rig.kubelet.waitFor({ resource: red, devices: [`a${i}`], state: 'connected' });
      }
      await expect.poll(() => rig.sockets()).toHaveLength(2);
      await expect
        .poll(() => telemetry.resources.get(red))
        .toMatchObject({ devices: devices('a5'), registered: true, streamOpen: true });
      expect(rig.kubelet.registrations(blue)).toBe(1);
      expect(rig.kubelet.registrations(red)).toBe(6);
    },
  );

  it('leaves out a resource whose name no kubelet takes, says so once, and serves the others', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(treeOf({ 'not valid': ['x'], red: ['a'] })));
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    plugin.find({ 'not valid': ['x'], red: ['a', 'b'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['a', 'b'] });
    expect(rig.log.with('the resource is left out')).toEqual([
      expect.stringContaining('resource="color.example.com/not valid"'),
    ]);
    expect(rig.kubelet.calls.some((call) => call.resource.includes('not valid'))).toBe(false);
    // Its devices are not what is wrong with it.
    plugin.find({ 'not valid': ['x', 'y'], red: ['a', 'b'] });
    expect(rig.log.with('the resource is left out')).toHaveLength(1);
    expect(telemetry.resources.get(`${namespace}/not valid`)?.problem).toContain('the resource is left out');
    plugin.find({ red: ['a'] });
    await expect.poll(() => telemetry.resources.has(`${namespace}/not valid`)).toBe(false);
  });

  it.each([{}, { 'not valid': ['x'] }])('holds nothing back where there is nothing to register: %j', async (found) => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(treeOf(found)));
    await expect(isSettled(startGate.passed, 500)).resolves.toBe(true);
  });

  it('leaves out a list that is too large until it is not', async () => {
    await using rig = await Rig.withKubelet();
    const tooLarge = Array.from({ length: 60_000 }, (_, i) => String(i).padStart(63, 'x'));
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: tooLarge, blue: ['b'] })));
    await rig.kubelet.waitFor({ resource: blue, devices: ['b'] });
    expect(telemetry.resources.get(red)?.problem).toContain('the list of 60000 devices');
    plugin.find({ red: ['a'], blue: ['b'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    expect(telemetry.resources.get(red)?.problem).toBeUndefined();
    plugin.find({ red: tooLarge, blue: ['b'] });
    await expect.poll(() => telemetry.resources.get(red)?.problem).toContain('the last list stays');
    plugin.find({ red: ['b'], blue: ['b'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['b'], registrations: 1 });
    expect(rig.kubelet.registrations(red)).toBe(1);
  });

  it('serves a resource once that is found under two names', async () => {
    await using rig = await Rig.withKubelet();
    const running = rig.run(new TreePlugin(treeOf({ red: ['a'], [red]: ['b'] })));
    await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected' });
    expect(rig.files()).toHaveLength(1);
    expect(rig.log.with('device left out')).toEqual([
      expect.stringContaining('id="b" reason="the plugin has its resource under two names"'),
    ]);
    running.plugin.find({ red: ['a'], [red]: ['b', 'c'] });
    expect(rig.log.with('device left out')).toHaveLength(2);
    expect(telemetry.resources.get(red)?.devices).toEqual(devices('a'));
    await running.stop();
    expect(rig.files()).toEqual([]);
  });

  it('leaves out a device whose id no kubelet takes, says so once, counts it, and serves the others', async () => {
    await using rig = await Rig.withKubelet();
    const tooLong = 'x'.repeat(64);
    const running = rig.run(new TreePlugin(treeOf({ red: ['a', tooLong], blue: [''] })));
    await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected' });
    await rig.kubelet.waitFor({ resource: blue, devices: [], state: 'connected' });
    running.plugin.find({ red: ['a', 'b', tooLong], blue: [''] });
    await rig.kubelet.waitFor({ resource: red, devices: ['a', 'b'] });
    expect(rig.log.with('device left out')).toEqual([
      expect.stringContaining(`resource="${red}" id="${tooLong}" reason="its id is 64 characters long`),
      expect.stringContaining(`resource="${blue}" id="" reason="its id is empty"`),
    ]);
    const count = () => Object.fromEntries([...telemetry.leftOut].map(([name, { size }]) => [name, size]));
    expect(count()).toEqual({ [red]: 1, [blue]: 1 });
    running.plugin.find({ red: ['a'], blue: [''] });
    expect(count()).toEqual({ [blue]: 1 });
    await running.stop();
    expect(count()).toEqual({});
  });

  it('counts devices that come and go after the first scan', async () => {
    await using rig = await Rig.withKubelet();
    const count = (action: string): number => {
      const samples = telemetry.hotplugEvents
        .samples()
        .filter(({ labels }) => labels['resource'] === red && labels['action'] === action);
      return samples[0]?.value ?? 0;
    };
    const [added, removed] = [count('add'), count('remove')];
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a'] })));
    expect([count('add') - added, count('remove') - removed]).toEqual([0, 0]);
    plugin.find({ red: ['b', 'c'] });
    expect([count('add') - added, count('remove') - removed]).toEqual([2, 1]);
    plugin.find({});
    expect([count('add') - added, count('remove') - removed]).toEqual([2, 3]);
    plugin.find({ red: ['a'] });
    expect([count('add') - added, count('remove') - removed]).toEqual([3, 3]);
  });
});
