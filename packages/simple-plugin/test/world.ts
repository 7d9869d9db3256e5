// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PluginWorld, type RunningPlugin } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach } from 'vitest';

/** The plugin, which Node.js runs as it is. */
const command = [process.execPath, join(import.meta.dirname, '../src/main.ts')] as const;

/** Gives each test of a file a world of its own, and takes it away afterwards. */
export function useWorld(): World {
  const world = new World(command);
  beforeEach(() => world.begin());
  afterEach(() => world.end());
  return world;
}

class World extends PluginWorld {
  async startWith(config: string): Promise<RunningPlugin> {
    const file = join(this.directory, 'config.yaml');
    await writeFile(file, config);
    return this.launch(['-config', file]);
  }

  onHost(path: string): string {
    return this.host.path(path);
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
