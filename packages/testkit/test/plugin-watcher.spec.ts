// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FakeKubeletOptions, ManualClock } from '../src/index.ts';
import { red, Rig } from './rig.ts';
import { devices, type Script, type ScriptedPlugin } from './scripted-plugin.ts';

const registered = { pluginRegistered: true, error: '' };

async function watching(options: Partial<FakeKubeletOptions> = {}): Promise<Rig> {
  return await Rig.with((dir) => ({
    pluginsRegistryDir: join(dir, 'registry'),
    pluginWatcherPeriodMs: 5,
    ...options,
  }));
}

async function found(rig: Rig, script: Partial<Script> = {}): Promise<ScriptedPlugin> {
  return await rig.plugin({
    dir: join(rig.dir, 'registry'),
    onStream: (stream) => stream.write({ devices: devices('a') }),
    ...script,
  });
}

describe('the plugin watcher', () => {
  it('takes in a plugin whose socket appears, and tells it so', async () => {
    await using rig = await watching();
    const plugin = await found(rig);
    await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected' });
    await expect.poll(() => plugin.notifications).toEqual([registered]);
    expect(rig.methods().filter((method) => method !== 'ListAndWatch')).toEqual([
      'GetInfo',
      'GetDevicePluginOptions',
      'NotifyRegistrationStatus',
    ]);
    expect(rig.kubelet.resources().get(red)).toMatchObject({
      endpoint: join(rig.dir, 'registry/plugin.sock'),
      // Only the Register call is counted.
      registrations: 0,
    });
    const { containers } = await rig.kubelet.admit({ pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    expect(containers.app.deviceIds).toEqual({ [red]: ['a'] });
  });

  it('connects to the endpoint that the plugin names', async () => {
    await using rig = await watching();
    const service = await rig.plugin({ endpoint: 'service.sock' });
    service.list(devices('s', 't'));
    await found(rig, { info: { endpoint: join(rig.dir, 'service.sock') } });
    await rig.kubelet.waitFor({ resource: red, devices: ['s', 't'] });
    expect(service.openStreams).toBe(1);
  });

  it('looks into folders, but neither at hidden names nor at anything but sockets', async () => {
    await using rig = await watching();
    await mkdir(join(rig.dir, 'registry/sub/.hidden'), { recursive: true });
    await writeFile(join(rig.dir, 'registry/file.sock'), '');
    const hidden = await found(rig, { endpoint: '.hidden.sock', resource: 'a.b/hidden' });
    await found(rig, { endpoint: 'sub/.hidden/x.sock', resource: 'a.b/deep' });
    await found(rig, { endpoint: 'sub/seen.sock' });
    await rig.kubelet.waitFor({ resource: red, devices: 1 });
    expect([...rig.kubelet.resources().keys()]).toEqual([red]);
    expect(hidden.notifications).toEqual([]);
  });

  it.each([
    [
      { supportedVersions: ['v1alpha1', 'v2'] },
      'RegisterPlugin error -- plugin validation failed with err: manager version, v1beta1, is not among plugin supported versions [v1alpha1 v2]',
    ],
    [
      { name: 'red' },
      'RegisterPlugin error -- plugin validation failed with err: invalid name of device plugin socket: the ResourceName "red" is invalid',
    ],
    [
      { type: 'CoffeePlugin' },
      'RegisterPlugin error -- no handler registered for plugin type: CoffeePlugin at socket ',
    ],
    [
      { endpoint: '/nowhere.sock' },
      'RegisterPlugin error -- plugin registration failed with err: failed to dial device plugin: /nowhere.sock: context deadline exceeded',
    ],
  ])('tells the plugin what is wrong with %j', async (info, error) => {
    await using rig = await watching({ dialTimeoutMs: 100 });
    const plugin = await found(rig, { info });
    await expect.poll(() => plugin.notifications).toHaveLength(1);
    expect(plugin.notifications[0]?.pluginRegistered).toBe(false);
    expect(plugin.notifications[0]?.error).toContain(error);
    expect(rig.kubelet.resources().size).toBe(0);
  });

  it('tries again after a failure, each time later', async () => {
    const clock = new ManualClock();
    await using rig = await watching({ clock });
    let asked = 0;
    const getInfo = (): never => {
      asked += 1;
      throw new Error('not yet');
    };
    await found(rig, { getInfo });
    const settled = async (times: number): Promise<void> => {
      await expect.poll(() => asked).toBe(times);
      // Several periods of the watcher.
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(asked).toBe(times);
    };
    await settled(1);
    clock.advance(500);
    await settled(2);
    clock.advance(999);
    await settled(2);
    clock.advance(1);
    await settled(3);
  });

  it('disconnects a plugin whose socket is gone', async () => {
    await using rig = await watching();
    const plugin = await found(rig);
    await rig.kubelet.waitFor({ resource: red, state: 'connected', devices: 1 });
    await expect.poll(() => plugin.notifications).toHaveLength(1);
    plugin.unlink();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 1, allocatable: 0 });
    expect(rig.events).toContainEqual({
      type: 'deregistered',
      resource: red,
      endpoint: join(rig.dir, 'registry/plugin.sock'),
    });
    await expect.poll(() => plugin.openStreams).toBe(0);
  });

  it('takes in a plugin again whose socket is made anew, but not one whose stream has ended', async () => {
    await using rig = await watching();
    const plugin = await found(rig);
    await rig.kubelet.waitFor({ resource: red, state: 'connected', devices: 1 });
    await expect.poll(() => plugin.notifications).toHaveLength(1);
    plugin.endStreams();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    plugin.unlink();
    const again = await found(rig);
    await rig.kubelet.waitFor({ resource: red, state: 'connected', devices: 1 });
    await expect.poll(() => again.notifications).toEqual([registered]);
    expect(plugin.notifications).toEqual([registered]);
  });

  it.each(['graceful', 'crash'] as const)(
    'takes all in again after a restart, and deletes nothing (%s)',
    async (kind) => {
      await using rig = await watching();
      const plugin = await found(rig);
      await expect.poll(() => plugin.notifications).toHaveLength(1);
      await rig.kubelet.restart(kind);
      await rig.kubelet.waitFor({ resource: red, state: 'connected', devices: 1 });
      await expect.poll(() => plugin.notifications).toEqual([registered, registered]);
    },
  );

  it('deregisters a plugin at once that is gone before it has been taken in', async () => {
    await using rig = await watching();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const plugin = await found(rig, {
      getOptions: () => promise.then(() => ({ preStartRequired: false, getPreferredAllocationAvailable: false })),
    });
    await expect.poll(() => rig.methods()).toContain('GetDevicePluginOptions');
    plugin.unlink();
    await new Promise((done) => setTimeout(done, 30));
    resolve(undefined);
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('deregistered'));
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
  });

  it('survives that its directory is removed for a while', async () => {
    await using rig = await watching();
    await rm(join(rig.dir, 'registry'), { recursive: true });
    await new Promise((done) => setTimeout(done, 20));
    await mkdir(join(rig.dir, 'registry'));
    await found(rig);
    await rig.kubelet.waitFor({ resource: red, devices: 1 });
  });
});
