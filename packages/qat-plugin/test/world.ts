// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet, hostFixture, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach } from 'vitest';

/** This plugin as a process of its own, as a container runs it. */
export interface PluginProcess {
  /** What it has written to standard error so far. */
  readonly stderr: string;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>;
  stop(): Promise<number | null>;
}

const main = join(import.meta.dirname, '../src/main.ts');

/** Starts the plugin with no environment. */
export function startPlugin(args: readonly string[]): PluginProcess {
  const child = spawn(process.execPath, [main, ...args], { env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // 'close' comes when all of the output has been read, 'exit' may come before.
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    get stderr() {
      return stderr;
    },
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

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
  async start(args: readonly string[] = [], tree: FixtureTree = {}): Promise<PluginProcess> {
    await this.host.add(tree);
    const where = ['-device-plugin-path', join(this.directory, 'plugins'), '-cdi-dir', join(this.directory, 'cdi')];
    const how = ['-prefix', this.host.root, '-scan-period', '100ms', '-metrics-bind-address', '0'];
    const plugin = startPlugin([...where, ...how, ...args]);
    this.#plugins.push(plugin);
    return plugin;
  }
}
