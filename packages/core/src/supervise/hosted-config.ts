// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commonFlags, type CommonOptions } from '../cli/common-flags.ts';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { fault, parseFlagsFile, type FlagsFile } from '../cli/flags-file.ts';
import type { FileValues } from '../cli/go-flags.ts';
import { klogFlags } from '../cli/klog-flags.ts';
import { valuesOf } from '../cli/shared-flags.ts';
import type { FlagSources, Settings } from '../config/plugin-config.ts';
import type { PluginDefinition } from '../plugin-definition.ts';

/**
 * The configuration file of one of several plugins: the one that its flags name, or `<plugin>.yaml` beside them. Empty when there is none.
 *
 * @throws DevicePluginError `FLAG_INVALID` when it has flags and such a file: nobody could tell which of them counts.
 */
export function hostedConfigPath(directory: string, key: string, flags: FlagsFile, named: string): string {
  const path = join(directory, `${key}.yaml`);
  if (!existsSync(path)) return named;
  if (existsSync(flags.path))
    throw fault(
      path,
      undefined,
      `${key} has ${flags.path} as well: keep one of them, or name this one there with -config`,
    );
  return path;
}

/** The flags of one of several plugins: its flags file, and what the file of -config may say. */
export function hostedSources(
  { flags }: PluginDefinition<FlagDefinitions>,
  file: FlagsFile,
  common: CommonOptions,
): FlagSources<FlagDefinitions> {
  return {
    flags,
    elsewhere: (key) =>
      Object.hasOwn({ ...commonFlags, ...klogFlags }, key)
        ? 'is a flag of all plugins: it is on the command line, or in the file that -config names there'
        : undefined,
    resolve: (values): Settings<FlagDefinitions> => {
      const own = valuesOf(flags, parseHostedFlags(flags, file, values));
      return { common, own, klog: undefined, values: own };
    },
  };
}

/** The flags in a flags file: those of the plugin, and the one that names its configuration file. */
export function parseHostedFlags(
  flags: FlagDefinitions,
  file: FlagsFile,
  values: FileValues = new Map(),
  check: (values: Readonly<Record<string, unknown>>) => unknown = () => undefined,
): Readonly<Record<string, unknown>> & { readonly config: string } {
  return parseFlagsFile(file, hostedFileFlags(flags), check, values) as Readonly<Record<string, unknown>> & {
    readonly config: string;
  };
}

/** What may stand in a flags file. */
export function hostedFileFlags(flags: FlagDefinitions): FlagDefinitions {
  return { ...flags, config: commonFlags.config };
}
