// SPDX-License-Identifier: Apache-2.0
import { plugins } from '@kube-device-plugins/all/hosted-plugins';
import { DevicePluginError, nearestName, type FlagDefinitions, type PluginDefinition } from '@kube-device-plugins/core';

/** A plugin of any flags. */
export type AnyPlugin = PluginDefinition<FlagDefinitions>;

/** All plugins there are, in the order of their names. */
export async function allPlugins(): Promise<readonly AnyPlugin[]> {
  return await Promise.all(Object.keys(plugins).sort().map(findPlugin));
}

/**
 * The plugin of this name, which is that of its program or of its flags file: `gpu-plugin` or `gpu`.
 *
 * @throws DevicePluginError `FLAG_INVALID`, with the names there are.
 */
export async function findPlugin(name: string): Promise<AnyPlugin> {
  const key = name.replace(/-plugin$/, '');
  // The name may be from a capture, and that from anybody: "constructor" is no plugin.
  const load = Object.hasOwn(plugins, key) ? plugins[key] : undefined;
  if (load !== undefined) return await load();
  const names = Object.keys(plugins).sort();
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new DevicePluginError(
    'FLAG_INVALID',
    `there is no plugin ${JSON.stringify(name)}, only ${names.join(', ')}${hint}`,
  );
}
