// SPDX-License-Identifier: Apache-2.0
import { maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import { describe, expect, it } from 'vitest';
import { red, Rig } from './rig.ts';
import { devices } from './scripted-plugin.ts';

describe('ListAndWatch', () => {
  it('does not report a resource before its first list', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin({ onStream: () => undefined });
    await plugin.register();
    expect(rig.kubelet.node()).toEqual({ capacity: {}, allocatable: {} });
    expect(rig.kubelet.resources().get(red)).toMatchObject({ isReported: false, capacity: 0, devices: [] });
  });

  it('reports a resource without devices once an empty list has come', async () => {
    await using rig = await Rig.create();
    await rig.registered([]);
    expect(rig.kubelet.node()).toEqual({ capacity: { [red]: 0 }, allocatable: { [red]: 0 } });
  });

  it('replaces everything with each list', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a', 'b', 'c']);
    plugin.list(devices('d', 'b!'));
    await rig.kubelet.waitFor({ resource: red, devices: { b: 'Unhealthy', d: 'Healthy' } });
    expect(rig.kubelet.node()).toEqual({ capacity: { [red]: 2 }, allocatable: { [red]: 1 } });
  });

  it('shows devices by id with their NUMA nodes', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered([]);
    plugin.list([
      { ID: 'b', health: 'Healthy', topology: { nodes: [{ ID: 0 }, { ID: 1 }] } },
      { ID: 'a', health: 'healthy', topology: undefined },
    ]);
    const { devices: listed } = await rig.kubelet.waitFor({ resource: red, devices: 2 });
    expect(listed).toEqual([
      { id: 'a', health: 'Unhealthy', numaNodes: [], holder: undefined },
      { id: 'b', health: 'Healthy', numaNodes: [0, 1], holder: undefined },
    ]);
  });

  it('takes the end of the stream as a disconnect and does not open it again', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a', 'b']);
    plugin.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 2, allocatable: 0 });
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
    expect(rig.events.at(-1)).toEqual({
      type: 'streamEnded',
      resource: red,
      endpoint: 'plugin.sock',
      error: undefined,
    });
    expect(rig.methods()).toEqual(['Register', 'GetDevicePluginOptions', 'ListAndWatch']);
  });

  it('comes back with a new registration', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    plugin.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, state: 'connected', allocatable: 1, registrations: 2 });
  });

  it('has 0 devices of a plugin whose stream fails at once, and calls no more', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin({ onStream: (stream) => stream.emit('error', new Error('no list today')) });
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 0, allocatable: 0 });
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
    expect(rig.events.at(-1)).toMatchObject({ error: { details: 'no list today' } });
    expect(rig.methods()).toEqual(['Register', 'GetDevicePluginOptions', 'ListAndWatch']);
  });

  it('keeps the list that comes right before an error', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin({
      onStream: (stream) => {
        stream.write({ devices: devices('a', 'b') });
        stream.emit('error', new Error('over'));
      },
    });
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 2, allocatable: 0 });
  });

  it('notices that a plugin died', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    plugin.stop();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 1, allocatable: 0 });
  });

  it('takes a list of more than 4 MiB as a disconnect', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    plugin.list(devices('x'.repeat(maxMessageBytes)));
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
    expect(rig.events.at(-1)).toMatchObject({ error: { status: 'RESOURCE_EXHAUSTED' } });
    expect(rig.kubelet.node().allocatable).toEqual({ [red]: 0 });
  });
});

describe("the end of an old plugin's stream", () => {
  async function replaced(rig: Rig, endpoint: string): Promise<void> {
    const old = await rig.registered(['a'], { endpoint: 'old.sock' });
    const later = await rig.plugin({ endpoint });
    later.list(devices('a', 'b'));
    await later.register();
    await rig.kubelet.waitFor({ resource: red, devices: ['a', 'b'] });
    old.endStreams();
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
  }

  it('disconnects the new plugin of a kubelet that goes by names', async () => {
    await using rig = await Rig.create({ profile: '1.26' });
    await replaced(rig, 'new.sock');
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 2, allocatable: 0 });
  });

  it('does not concern the new plugin of a kubelet that goes by sockets', async () => {
    await using rig = await Rig.create({ profile: '1.37' });
    await replaced(rig, 'new.sock');
    await rig.kubelet.waitFor({ resource: red, state: 'connected', capacity: 2, allocatable: 2 });
  });

  it('disconnects a plugin that registered twice with the same socket, in any kubelet', async () => {
    await using rig = await Rig.create({ profile: '1.37' });
    const plugin = await rig.registered(['a']);
    await plugin.register();
    await expect.poll(() => plugin.openStreams).toBe(2);
    plugin.endOldestStream();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    await expect.poll(() => plugin.openStreams).toBe(0);
  });

  it('leaves alone the connection of a plugin that is still being dialled', async () => {
    await using rig = await Rig.create({ profile: '1.26' });
    const old = await rig.registered(['a'], { endpoint: 'old.sock' });
    const registered = old.register({ endpoint: 'new.sock' });
    await expect.poll(() => rig.methods().filter((method) => method === 'Register')).toHaveLength(2);
    old.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    const later = await rig.plugin({ endpoint: 'new.sock' });
    later.list(devices('b'));
    await registered;
    await rig.kubelet.waitFor({ resource: red, state: 'connected', devices: ['b'] });
  });
});
