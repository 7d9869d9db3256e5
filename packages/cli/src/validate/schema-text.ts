// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type HostedPlugins } from '@kube-device-plugins/core';
import { pluginSchema, processSchema } from '@kube-device-plugins/core/config';
import { processKey } from './config-target.ts';

/** The JSON Schema of the files of a plugin, or of the process of several: what config.schema.json of its package is. */
export async function schemaText(key: string, plugins: HostedPlugins['plugins']): Promise<string> {
  return `${JSON.stringify(await schemaOf(key, plugins), undefined, 2)}\n`;
}

async function schemaOf(key: string, plugins: HostedPlugins['plugins']): Promise<object> {
  if (key === processKey) return processSchema('kube-device-plugins', Object.keys(plugins));
  const definition = await plugins[key]?.();
  if (definition === undefined) throw new DevicePluginError('FLAG_INVALID', `${key} defines no plugin`);
  return pluginSchema(definition);
}
