// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { flagsFileFaults } from '../cli/flags-file.ts';
import { hostedFlags } from '../cli/hosted-flags.ts';
import { parsePluginFlags } from '../cli/plugin-flags.ts';
import { openConfigDocument, type Fault } from '../config/config-document.ts';
import { commandLineSources, pluginConfigSpec, processSources } from '../config/plugin-config.ts';
import { readConfig, type ConfigSpec } from '../config/read-config.ts';
import { DevicePluginError, messageOf } from '../errors.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import { hostedFileFlags, hostedSources } from './hosted-config.ts';

/** A file of one plugin, or of the process of several. */
export interface CheckedFile {
  /** As it is named in what is wrong. */
  readonly path: string;
  readonly text: string;
}

/**
 * All that a plugin would find fault with in its configuration file, by the same code. What its command line and environment say besides is
 * not known here, and taken as nothing.
 *
 * @param isHosted - whether it is beside others in one process, where common flags are not for it to set.
 */
export async function pluginConfigFaults(
  { path, text }: CheckedFile,
  definition: PluginDefinition<FlagDefinitions>,
  isHosted: boolean,
): Promise<readonly Fault[]> {
  const sources = isHosted
    ? hostedSources(definition, { path: '', text: '' }, defaultOptions())
    : commandLineSources(definition, [], {});
  return await faultsOf(path, text, pluginConfigSpec(definition, sources, {}));
}

/** The same of the file of a process with several plugins. @param names - of the plugins that there are. */
export async function processConfigFaults(
  { path, text }: CheckedFile,
  names: readonly string[],
): Promise<readonly Fault[]> {
  const { flags, elsewhere, resolve } = processSources({ name: 'all', flags: hostedFlags(names) }, [], {});
  return await faultsOf(path, text, { flags, elsewhere, hasDevices: false, check: resolve });
}

/** The same of a file with one flag on each line. */
export function hostedFlagsFaults(text: string, definition: PluginDefinition<FlagDefinitions>): readonly Fault[] {
  const common = defaultOptions();
  const check = (values: Readonly<Record<string, unknown>>): unknown =>
    definition.check?.({ ...values, ...common }, {});
  const faults = flagsFileFaults(text, hostedFileFlags(definition.flags), check);
  return faults.map(({ line = 1, problem }) => ({ line, column: 1, key: '', reason: messageOf(problem) }));
}

function defaultOptions() {
  const parsed = parsePluginFlags('', {}, [], {});
  if (parsed.kind === 'run') return parsed.common;
  throw new DevicePluginError('FLAG_INVALID', 'the defaults of common flags are wrong');
}

async function faultsOf(path: string, text: string, spec: ConfigSpec): Promise<readonly Fault[]> {
  const document = await openConfigDocument(path, text);
  if (document.faults().length === 0) readConfig(document.root, spec);
  return document.faults();
}
