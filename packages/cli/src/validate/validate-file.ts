// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf, nearestName, type HostedPlugins } from '@kube-device-plugins/core';
import {
  ConfigFile,
  hostedFlagsFaults,
  pluginConfigFaults,
  processConfigFaults,
  type Fault,
} from '@kube-device-plugins/core/config';
import { configTarget, processKey, type ConfigTarget } from './config-target.ts';

/** What was found in one file. */
export interface FileReport {
  readonly path: string;
  /** For whom it was checked; undefined where it could not be. */
  readonly target: ConfigTarget | undefined;
  readonly faults: readonly Fault[];
}

/** How files are checked. */
export interface ValidateOptions {
  readonly plugins: HostedPlugins['plugins'];
  /** Key of the plugin that they are for; undefined: each file tells. */
  readonly plugin: string | undefined;
  /** Whether the plugin is one of several in a process. */
  readonly isHosted: boolean;
}

/** Checks one file as the program would that it is for. Never rejects: what keeps it from being checked is a fault of the file. */
export async function validateFile(path: string, options: ValidateOptions): Promise<FileReport> {
  let target: ConfigTarget | undefined;
  try {
    const text = (await new ConfigFile(path).readChange()) ?? '';
    target = configTarget(path, text, [...Object.keys(options.plugins), processKey], options.plugin);
    if (target === undefined) throw unknownTarget(path, options);
    return { path, target, faults: await faultsOf({ path, text }, target.key, options) };
  } catch (error) {
    const reason = messageOf(error).replace(`${path}: `, '');
    return { path, target, faults: [{ line: 1, column: 1, key: '', reason }] };
  }
}

/**
 * The key of the plugin that somebody asks for by key or name.
 *
 * @throws DevicePluginError `FLAG_INVALID` that names those that there are.
 */
export function requirePlugin(name: string, plugins: HostedPlugins['plugins']): string {
  const keys = [...Object.keys(plugins), processKey];
  const key = keys.find((one) => name === one || name === `${one}-plugin`);
  if (key !== undefined) return key;
  const hint = `there are ${keys.join(', ')}; did you mean ${nearestName(name, keys) ?? ''}?`;
  throw new DevicePluginError('FLAG_INVALID', `there is no plugin ${JSON.stringify(name)}; ${hint}`);
}

async function faultsOf(
  file: { readonly path: string; readonly text: string },
  key: string,
  { plugins, isHosted }: ValidateOptions,
): Promise<readonly Fault[]> {
  if (key === processKey) return await processConfigFaults(file, Object.keys(plugins));
  const definition = await plugins[key]?.();
  if (definition === undefined) throw new DevicePluginError('FLAG_INVALID', `${key} defines no plugin`);
  if (file.path.endsWith('.flags')) return hostedFlagsFaults(file.text, definition);
  return await pluginConfigFaults(file, definition, isHosted);
}

function unknownTarget(path: string, { plugins }: ValidateOptions): DevicePluginError {
  const keys = [...Object.keys(plugins), processKey].join(', ');
  return new DevicePluginError(
    'CONFIG_INVALID',
    `which plugin it is for cannot be told: say so with --plugin, name it ${JSON.stringify('<plugin>.yaml')}, or its schema in a first line; there are ${keys}`,
  );
}
