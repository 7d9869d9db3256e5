// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { PluginWorld } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach } from 'vitest';

/** The plugin, which Node.js runs as it is. */
export const command = [process.execPath, join(import.meta.dirname, '../src/main.ts')] as const;

/** Gives each test of a file a world of its own, and takes it away afterwards. */
export function useWorld(): PluginWorld {
  const world = new PluginWorld(command, '100ms');
  beforeEach(() => world.begin());
  afterEach(() => world.end());
  return world;
}
