// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../src/index.ts';
import { red, Rig } from './rig.ts';

const pod = { pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] } as const;
const fiveMinutes = 5 * 60_000;

describe('the grace period', () => {
  it('keeps the capacity of a lost plugin for five minutes, and the resource for ever', async () => {
    const clock = new ManualClock();
    await using rig = await Rig.create({ clock });
    const plugin = await rig.registered(['a', 'b']);
    plugin.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 2, allocatable: 0 });
    clock.advance(fiveMinutes - 1);
    expect(rig.kubelet.node()).toEqual({ capacity: { [red]: 2 }, allocatable: { [red]: 0 } });
    expect(Object.keys(rig.kubelet.checkpoint().RegisteredDevices)).toEqual([red]);
    clock.advance(1);
    await rig.kubelet.waitFor({ resource: red, state: 'forgotten', devices: 0 });
    expect(rig.kubelet.node()).toEqual({ capacity: { [red]: 0 }, allocatable: { [red]: 0 } });
    expect(rig.kubelet.checkpoint().RegisteredDevices).toEqual({});
    expect(rig.events.at(-1)).toEqual({ type: 'forgotten', resource: red });
    expect(clock.pending).toBe(0);
  });

  it('ends when the plugin is back', async () => {
    const clock = new ManualClock();
    await using rig = await Rig.create({ clock });
    const plugin = await rig.registered(['a']);
    plugin.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    clock.advance(fiveMinutes - 1);
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, state: 'connected', allocatable: 1 });
    clock.advance(2 * fiveMinutes);
    expect(rig.kubelet.node().capacity).toEqual({ [red]: 1 });
  });

  it('begins anew when the kubelet starts, for what its checkpoint names', async () => {
    const clock = new ManualClock();
    await using rig = await Rig.create({ clock });
    await rig.registered(['a']);
    await rig.kubelet.stop();
    expect(clock.pending).toBe(0);
    await rig.kubelet.start();
    expect(rig.kubelet.resources().get(red)).toMatchObject({ state: 'disconnected', capacity: 0 });
    clock.advance(fiveMinutes);
    expect(rig.kubelet.resources().get(red)).toMatchObject({ state: 'forgotten', capacity: 0 });
  });

  it('refuses pods during it and after it, each time with its reason', async () => {
    const clock = new ManualClock();
    await using rig = await Rig.create({ clock });
    const plugin = await rig.registered(['a']);
    plugin.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    await expect(rig.kubelet.admit(pod)).rejects.toThrow(`no healthy devices present; cannot allocate unhealthy`);
    clock.advance(fiveMinutes);
    await expect(rig.kubelet.admit(pod)).rejects.toThrow(`cannot allocate unregistered device ${red}`);
  });

  it('lets containers start again during it, but not after it, until the plugin is back', async () => {
    const clock = new ManualClock();
    await using rig = await Rig.create({ clock });
    const plugin = await rig.registered(['a']);
    await rig.kubelet.admit(pod);
    plugin.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    expect((await rig.kubelet.startContainer('p', 'app')).envs).toEqual({ IDS: 'a' });
    clock.advance(fiveMinutes);
    await expect(rig.kubelet.startContainer('p', 'app')).rejects.toThrow(
      `endpoint not found in cache for a registered resource: ${red}`,
    );
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, state: 'connected', allocatable: 1 });
    await rig.kubelet.startContainer('p', 'app');
  });
});
