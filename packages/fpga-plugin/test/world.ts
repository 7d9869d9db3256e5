// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet, hostFixture, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach } from 'vitest';
import { startPlugin, type PluginProcess } from './plugin-process.ts';

/** Gives each test of a file a world of its own, and takes it away afterwards. */
export function useWorld(): World {
  const world = new World();
  beforeEach(() => world.begin());
  afterEach(() => world.end());
  return world;
}

/** A kubelet, a host and the plugins between them. */
export class World {
  directory = '';
  #kubelet: FakeKubelet | undefined;
  #host: HostFixture | undefined;
  #plugins: PluginProcess[] = [];

  get kubelet(): FakeKubelet {
    if (this.#kubelet === undefined) throw new Error('the world has not begun');
    return this.#kubelet;
  }

  get host(): HostFixture {
    if (this.#host === undefined) throw new Error('the world has not begun');
    return this.#host;
  }

  async begin(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    this.#host = await hostFixture({});
    this.#kubelet = new FakeKubelet({ dir: join(this.directory, 'plugins') });
    await this.kubelet.start();
  }

  async end(): Promise<void> {
    await Promise.all(this.#plugins.map((plugin) => plugin.stop()));
    this.#plugins = [];
    await this.kubelet.stop();
    await this.host.dispose();
    await rm(this.directory, { recursive: true });
  }

  /** Starts a plugin on a host that has this besides. */
  async start(
    args: readonly string[] = [],
    tree: FixtureTree = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<PluginProcess> {
    await this.host.add(tree);
    const where = ['-device-plugin-path', join(this.directory, 'plugins'), '-cdi-dir', join(this.directory, 'cdi')];
    const how = ['-prefix', this.host.root, '-scan-period', '100ms', '-metrics-bind-address', '0'];
    const plugin = startPlugin([...where, ...how, ...args], env);
    this.#plugins.push(plugin);
    return plugin;
  }
}
