// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type FixtureTree, PluginWorld, type RunningPlugin } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach } from 'vitest';

/** The plugin, which Node.js runs as it is. */
const command = [process.execPath, join(import.meta.dirname, '../src/main.ts')] as const;

/** Gives each test of a file a world of its own, and takes it away afterwards. */
export function useWorld(): World {
  const world = new World(command, '100ms');
  beforeEach(() => world.begin());
  afterEach(() => world.end());
  return world;
}

class World extends PluginWorld {
  /** Starts a plugin on a host that has this besides. */
  async start(
    flags: readonly string[] = [],
    tree: FixtureTree = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningPlugin> {
    await this.host.add(tree);
    return this.launch(flags, env);
  }
}
