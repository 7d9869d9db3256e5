// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';
import type { FlagDefinitions } from './flag-definition.ts';
import type { FlagType } from './flag-types.ts';
import { nearestName } from './nearest-name.ts';

/**
 * The flags of a process that runs several plugins, beside the common ones.
 *
 * @param names - of the plugins that there are.
 */
export function hostedFlags(names: readonly string[]) {
  return {
    plugins: {
      type: pluginList(names),
      default: [],
      usage: 'plugins to run, separated by commas; -h shows which there are',
    },
    'flags-dir': {
      type: 'string',
      default: '/etc/kube-device-plugins',
      usage: 'directory of the flags of single plugins, one on each line of <plugin>.flags',
    },
  } as const satisfies FlagDefinitions;
}

function pluginList(names: readonly string[]): FlagType<readonly string[]> {
  return { placeholder: 'name,...', parse: (text) => parsePlugins(text, names), format: (list) => list.join(',') };
}

function parsePlugins(text: string, names: readonly string[]): readonly string[] {
  const list = text.split(',').map((name) => name.trim());
  const unknown = list.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const hint = `there are ${names.join(', ')}; did you mean ${nearestName(unknown, names) ?? ''}?`;
    throw new DevicePluginError('FLAG_INVALID', `there is no plugin ${JSON.stringify(unknown)}; ${hint}`);
  }
  const twice = list.find((name, index) => list.indexOf(name) !== index);
  if (twice !== undefined) throw new DevicePluginError('FLAG_INVALID', `plugin ${twice} is named twice`);
  return list;
}
