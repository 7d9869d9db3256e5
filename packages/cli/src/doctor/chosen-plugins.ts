// SPDX-License-Identifier: Apache-2.0
import { plugins } from '@kube-device-plugins/all/hosted-plugins';
import { DevicePluginError, nearestName } from '@kube-device-plugins/core';

type Definition = Awaited<ReturnType<(typeof plugins)[string]>>;

/**
 * The definitions of the plugins with these names, `gpu` or `gpu-plugin`; of all plugins when there is no name.
 *
 * @throws DevicePluginError `FLAG_INVALID` for a name that no plugin has.
 */
export async function chosenPlugins(names: readonly string[]): Promise<readonly Definition[]> {
  const keys = Object.keys(plugins);
  const wanted = names.length === 0 ? keys : names.map((name) => keyOf(name, keys));
  const loading = [...new Set(wanted)].flatMap((key) => plugins[key]?.() ?? []);
  return await Promise.all(loading);
}

function keyOf(name: string, keys: readonly string[]): string {
  const key = name.replace(/-plugin$/, '');
  if (keys.includes(key)) return key;
  throw new DevicePluginError(
    'FLAG_INVALID',
    `there is no plugin ${JSON.stringify(name)}, did you mean ${nearestName(key, keys) ?? ''}? There are: ${keys.join(', ')}`,
  );
}
