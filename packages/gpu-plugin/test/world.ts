// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet, hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
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
    return begun(this.#kubelet);
  }

  get host(): HostFixture {
    return begun(this.#host);
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

  /** Starts a plugin with no period that a test could wait for: what is seen is seen by its event. */
  start(args: readonly string[] = []): PluginProcess {
    const where = ['-device-plugin-path', join(this.directory, 'plugins'), '-cdi-dir', join(this.directory, 'cdi')];
    const how = ['-prefix', this.host.root, '-scan-period', '1h', '-metrics-bind-address', '0'];
    const plugin = startPlugin([...where, ...how, ...args]);
    this.#plugins.push(plugin);
    return plugin;
  }
}

function begun<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the world has not begun');
  return part;
}
