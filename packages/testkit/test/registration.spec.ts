// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { red, Rig } from './rig.ts';
import { devices } from './scripted-plugin.ts';

describe('Register', () => {
  it('calls back for the options before it answers, and opens the stream afterwards', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin({ options: { preStartRequired: true } });
    await plugin.register();
    expect(rig.methods().slice(0, 2)).toEqual(['Register', 'GetDevicePluginOptions']);
    expect(rig.kubelet.resources().get(red)).toMatchObject({
      state: 'connected',
      endpoint: 'plugin.sock',
      options: { preStartRequired: true, getPreferredAllocationAvailable: false },
      registrations: 1,
    });
    await expect.poll(() => rig.methods()).toEqual(['Register', 'GetDevicePluginOptions', 'ListAndWatch']);
  });

  it('calls with the authority localhost', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    expect(plugin.authorities).toEqual(['localhost']);
  });

  it('never reads the options of the request', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin();
    await plugin.register({ options: { preStartRequired: true, getPreferredAllocationAvailable: true } });
    expect(rig.kubelet.resources().get(red)?.options).toEqual({
      preStartRequired: false,
      getPreferredAllocationAvailable: false,
    });
  });

  it.each([
    {
      changes: { version: 'v1alpha1' },
      details: 'requested API version "v1alpha1" is not supported by kubelet; supported version is ["v1beta1"]',
    },
    { changes: { resourceName: 'red' }, details: 'the ResourceName "red" is invalid' },
    // The version comes first.
    {
      changes: { version: '', resourceName: '' },
      details: expect.stringContaining('requested API version ""') as string,
    },
  ])('refuses $changes without calling back', async ({ changes, details }) => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin();
    await expect(plugin.register(changes)).rejects.toMatchObject({ code: status.UNKNOWN, details });
    expect(rig.methods()).toEqual(['Register']);
    expect(rig.kubelet.resources().size).toBe(0);
    expect(rig.kubelet.registrations(changes.resourceName ?? red)).toBe(1);
    expect(rig.eventTypes()).toEqual(['started', 'registrationFailed']);
  });

  it('gives up on a plugin that does not serve', async () => {
    await using rig = await Rig.create({ dialTimeoutMs: 100 });
    const plugin = await rig.plugin();
    await expect(plugin.register({ endpoint: 'absent.sock' })).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringContaining(`failed to dial device plugin: ${join(rig.dir, 'absent.sock')}: `) as string,
    });
  });

  it('tries again until the plugin serves', async () => {
    await using rig = await Rig.create();
    const early = await rig.plugin();
    const registered = early.register({ endpoint: 'late.sock' });
    await expect.poll(() => rig.methods()).toEqual(['Register']);
    await rig.plugin({ endpoint: 'late.sock' });
    await registered;
    expect(rig.kubelet.resources().get(red)).toMatchObject({ endpoint: 'late.sock', state: 'connected' });
  });

  it.each(['sub/../plugin.sock', './plugin.sock', '/plugin.sock'])(
    'joins the endpoint %s to the directory',
    async (endpoint) => {
      await using rig = await Rig.create();
      const plugin = await rig.plugin();
      await plugin.register({ endpoint });
      expect(rig.kubelet.resources().get(red)?.state).toBe('connected');
    },
  );

  it('fails, and opens no stream, when the plugin does not tell its options', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin({
      getOptions: () => {
        throw new Error('no options today');
      },
    });
    await expect(plugin.register()).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: 'failed to get device plugin options: rpc error: code = Unknown desc = no options today',
    });
    await nextTurn();
    expect(rig.methods()).toEqual(['Register', 'GetDevicePluginOptions']);
    expect(rig.kubelet.resources().size).toBe(0);
  });

  it('refuses what the test refuses, before it calls back', async () => {
    await using rig = await Rig.create({ beforeRegister: () => Promise.reject(new Error('not today')) });
    const plugin = await rig.plugin();
    await expect(plugin.register()).rejects.toMatchObject({ code: status.UNKNOWN, details: 'not today' });
    expect(rig.methods()).toEqual(['Register']);
  });

  it('replaces the endpoint of a resource and keeps its devices until the new one lists', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a', 'b'], { endpoint: 'old.sock' });
    const later = await rig.plugin({ endpoint: 'new.sock', onStream: () => undefined });
    await later.register();
    expect(rig.kubelet.resources().get(red)).toMatchObject({ endpoint: 'new.sock', capacity: 2, registrations: 2 });
    later.list(devices('c'));
    await expect.poll(() => later.openStreams).toBe(1);
    later.list(devices('c'));
    await rig.kubelet.waitFor({ resource: red, devices: ['c'] });
  });

  it('is cut off when the kubelet stops', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.plugin();
    const registered = plugin.register({ endpoint: 'absent.sock' });
    const outcome = expect(registered).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await expect.poll(() => rig.methods()).toEqual(['Register']);
    await rig.kubelet.stop();
    await outcome;
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('registrationFailed'));
  });

  it('does nothing for a plugin whose call was held up until the kubelet had stopped', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    await using rig = await Rig.create({ beforeRegister: () => promise });
    const plugin = await rig.plugin();
    const outcome = expect(plugin.register()).rejects.toThrow();
    await expect.poll(() => rig.methods()).toEqual(['Register']);
    await rig.kubelet.stop();
    resolve(undefined);
    await outcome;
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('registrationFailed'));
    expect(rig.events.at(-1)).toMatchObject({ message: 'the kubelet has stopped' });
    expect(rig.kubelet.resources().size).toBe(0);
  });
});
