// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FakeKubelet } from '@kube-device-plugins/testkit';
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
  #plugins: PluginProcess[] = [];

  get kubelet(): FakeKubelet {
    if (this.#kubelet === undefined) throw new Error('the world has not begun');
    return this.#kubelet;
  }

  async begin(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    this.#kubelet = new FakeKubelet({ dir: join(this.directory, 'plugins') });
    await this.kubelet.start();
  }

  async end(): Promise<void> {
    await Promise.all(this.#plugins.map((plugin) => plugin.stop()));
    this.#plugins = [];
    await this.kubelet.stop();
    await rm(this.directory, { recursive: true });
  }

  /** Starts a plugin with no period that a test could wait for: what is seen is seen by its event. */
  start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): PluginProcess {
    const where = ['-device-plugin-path', join(this.directory, 'plugins'), '-cdi-dir', join(this.directory, 'cdi')];
    const how = ['-prefix', join(this.directory, 'host'), '-scan-period', '1h', '-metrics-bind-address', '0'];
    const plugin = startPlugin([...where, ...how, ...args], env);
    this.#plugins.push(plugin);
    return plugin;
  }

  async startWith(config: string): Promise<PluginProcess> {
    const file = join(this.directory, 'config.yaml');
    await writeFile(file, config);
    return this.start(['-config', file]);
  }

  onHost(path: string): string {
    return join(this.directory, 'host', path);
  }

  /** Makes a device node, which comes into being in one step. */
  async plug(path: string, number = '1:3'): Promise<void> {
    await mkdir(dirname(this.onHost(path)), { recursive: true });
    await writeFile(join(this.directory, 'node'), `c ${number}`);
    await rename(join(this.directory, 'node'), this.onHost(path));
  }

  async sockets(): Promise<string[]> {
    const names = await readdir(join(this.directory, 'plugins'));
    return names.filter((name) => name.endsWith('.sock') && name !== 'kubelet.sock');
  }
}
