// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readiness } from '../src/observe/readiness.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { treeOf } from './devices.ts';
import { type ListReader, type PluginClient } from './plugin-client.ts';
import { blue, handles, namespace, red, Rig, TreePlugin } from './rig.ts';

/**
 * As much of the kubelet's plugin watcher as these tests need: asks a socket who it is, takes it as a device plugin and tells it so.
 * Upstream: pkg/kubelet/pluginmanager.
 */
class Watcher {
  readonly #rig: Rig;

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  /** The socket names that a watcher looks at. */
  sockets(): string[] {
    return readdirSync(this.#rig.dir).filter((name) => !name.startsWith('.'));
  }

  async register(name: string): Promise<{ readonly client: PluginClient; readonly reader: ListReader }> {
    const client = this.#rig.client(join(this.#rig.dir, name));
    const info = await client.getInfo();
    expect(info).toMatchObject({ type: 'DevicePlugin', endpoint: '', supportedVersions: ['v1beta1'] });
    // The kubelet asks and serves on connections of their own.
    const serving = this.#rig.client(join(this.#rig.dir, name));
    await serving.options();
    const reader = serving.listAndWatch();
    await client.notifyStatus(true, '');
    await expect.poll(() => reader.lists.length).toBe(1);
    return { client: serving, reader };
  }
}

function watched(rig: Rig, resources: Readonly<Record<string, readonly string[]>> = { red: ['a', 'b'] }) {
  return rig.run(new TreePlugin(treeOf(resources)), {
    registration: 'watcher',
    pluginsRegistryPath: rig.dir,
    devicePluginPath: rig.temp.join('nowhere'),
  });
}

describe('registration through the plugin watcher', () => {
  it('serves who it is, its options and its list on one socket, and never calls Register', async () => {
    // This kubelet would take a Register: it is in the very directory.
    await using rig = await Rig.withKubelet();
    const { plugin } = watched(rig, { red: ['a', 'b'], blue: ['c'] });
    const watcher = new Watcher(rig);
    await expect.poll(() => rig.sockets()).toHaveLength(2);
    const [blueName = '', redName = ''] = rig.files();
    const { client, reader } = await watcher.register(redName);
    await expect(client.getInfo()).resolves.toMatchObject({ name: red });
    await expect(rig.client(join(rig.dir, blueName)).getInfo()).resolves.toMatchObject({ name: blue });
    expect(telemetry.resources.get(red)).toMatchObject({ registered: true, streamOpen: true, problem: undefined });
    plugin.find({ red: ['b'], blue: ['c'] });
    await expect.poll(() => reader.ids).toEqual([['a', 'b'], ['b']]);
    await expect(client.allocate(['b'])).resolves.toMatchObject({
      containerResponses: [{ devices: [{ hostPath: '/dev/b' }] }],
    });
    expect(rig.kubelet.calls).toEqual([]);
  });

  it('reports a kubelet that refuses it, until one does not', async () => {
    await using rig = await Rig.create();
    watched(rig);
    await expect.poll(() => rig.sockets()).toHaveLength(1);
    const client = rig.client(rig.socketOf(red));
    await client.getInfo();
    await client.notifyStatus(false, 'manager version, v1beta1, is not among plugin supported versions');
    await client.notifyStatus(false, 'manager version, v1beta1, is not among plugin supported versions');
    expect(rig.log.with('the kubelet refused the plugin')).toHaveLength(1);
    expect(telemetry.resources.get(red)).toMatchObject({
      registered: false,
      problem: expect.stringContaining('manager version') as string,
    });
    await new Watcher(rig).register(rig.files()[0] ?? '');
    expect(telemetry.resources.get(red)).toMatchObject({ registered: true, problem: undefined });
  });

  it('says what it waits for until the watcher comes, and when it has lost it', async () => {
    await using rig = await Rig.create();
    watched(rig);
    const awaited = `not ready ${red} (2 devices): the kubelet's plugin watcher has not asked for it yet: it has to look into ${rig.dir}`;
    const line = (): string | undefined => readiness(telemetry, 5_000, performance.now()).lines[1];
    await expect.poll(line).toContain(awaited);
    const { reader } = await new Watcher(rig).register(rig.files()[0] ?? '');
    await expect.poll(line).toBe(`ok ${red} (2 devices)`);
    reader.cancel();
    await expect.poll(line).toContain(awaited);
  });

  it('makes the socket again when it is removed', async () => {
    await using rig = await Rig.create();
    watched(rig);
    await expect.poll(() => rig.sockets()).toHaveLength(1);
    const watcher = new Watcher(rig);
    const { reader } = await watcher.register(rig.files()[0] ?? '');
    await rm(rig.socketOf(red));
    await expect.poll(() => rig.sockets()).toHaveLength(1);
    reader.cancel();
    await expect.poll(() => telemetry.resources.get(red)?.streamOpen).toBe(false);
    await watcher.register(rig.files()[0] ?? '');
    await expect.poll(() => telemetry.resources.get(red)?.streamOpen).toBe(true);
  });

  it('takes a kubelet that restarts and asks again', async () => {
    await using rig = await Rig.create();
    watched(rig);
    await expect.poll(() => rig.sockets()).toHaveLength(1);
    const [name = ''] = rig.files();
    const watcher = new Watcher(rig);
    for (let i = 0; i < 5; i++) {
      const { reader } = await watcher.register(name);
      reader.cancel();
      await expect.poll(() => telemetry.resources.get(red)?.streamOpen).toBe(false);
    }
    await watcher.register(name);
    expect([rig.files(), telemetry.resources.get(red)?.streamOpen]).toEqual([[name], true]);
  });

  it('never shows the watcher a socket that is not ready, and leaves nothing behind', async () => {
    const before = handles();
    {
      await using rig = await Rig.create();
      const watcher = new Watcher(rig);
      const seen = new Set<string>();
      const running = watched(rig);
      const look = (): string[] => {
        for (const name of watcher.sockets()) seen.add(name);
        return [...seen];
      };
      await expect.poll(look, { interval: 1 }).not.toEqual([]);
      await running.stop();
      expect([...seen]).toEqual([expect.stringMatching(`^${namespace}-red-[0-9a-f]{8}\\.sock$`)]);
      expect(rig.files()).toEqual([]);
    }
    await expect.poll(handles).toEqual(before);
  });
});
