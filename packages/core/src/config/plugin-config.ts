// SPDX-License-Identifier: Apache-2.0
import { commonFlags, type CommonOptions } from '../cli/common-flags.ts';
import type { FlagDefinitions, FlagValues } from '../cli/flag-definition.ts';
import type { Environment, FileValues } from '../cli/go-flags.ts';
import { klogFlags } from '../cli/klog-flags.ts';
import { parsePluginFlags } from '../cli/plugin-flags.ts';
import { DevicePluginError } from '../errors.ts';
import type { KlogSettings } from '../log/klog-settings.ts';
import type { PluginDefinition, PluginFlagValues } from '../plugin-definition.ts';
import type { ConfigSpec } from './read-config.ts';

/** What flags come to, by all that may set them. */
export interface Settings<D extends FlagDefinitions> {
  readonly common: CommonOptions;
  readonly own: FlagValues<D>;
  /** Undefined where the log is not the plugin's own. */
  readonly klog: KlogSettings | undefined;
  /** Those that the file may set, by the names of the flags. */
  readonly values: FlagValues<FlagDefinitions>;
}

/** How the flags of a plugin come about. */
export interface FlagSources<D extends FlagDefinitions> {
  /** Those that the file may set. */
  readonly flags: FlagDefinitions;
  /** Where a key belongs that is not for this file, as the end of a sentence. */
  readonly elsewhere: (key: string) => string | undefined;
  /** @throws DevicePluginError `FLAG_INVALID` for values that do not go together. */
  readonly resolve: (values: FileValues) => Settings<D>;
}

/** The flags of a process of its own: command line, environment, and what the file may say. */
export function commandLineSources<D extends FlagDefinitions>(
  { name, flags }: Pick<PluginDefinition<D>, 'name' | 'flags'>,
  argv: readonly string[],
  env: Environment,
): FlagSources<D> {
  return {
    flags: withoutConfig({ ...flags, ...commonFlags, ...klogFlags }),
    elsewhere: (key) => (key === 'config' ? 'names this file, so it is on the command line' : undefined),
    resolve: (values) => {
      const parsed = parsePluginFlags(name, flags, argv, env, values);
      if (parsed.kind === 'run') return parsed;
      throw new DevicePluginError('FLAG_INVALID', parsed.kind === 'error' ? parsed.message : 'there is no help here');
    },
  };
}

/** A file does not name itself. */
function withoutConfig(flags: FlagDefinitions): FlagDefinitions {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => name !== 'config'));
}

/** The same of a process with several plugins, each of which has a file of its own. */
export function processSources<D extends FlagDefinitions>(
  program: Pick<PluginDefinition<D>, 'name' | 'flags'>,
  argv: readonly string[],
  env: Environment,
): FlagSources<D> {
  const sources = commandLineSources(program, argv, env);
  const elsewhere = (key: string): string | undefined =>
    key === 'maintenance' ? 'is about devices of one plugin: it is in <plugin>.yaml in -flags-dir' : undefined;
  return { ...sources, elsewhere: (key) => sources.elsewhere(key) ?? elsewhere(key) };
}

/** Whether a flag counts at once when the file changes: not those of the process, and of what is registered with the kubelet. */
export function isLive(name: string): boolean {
  return ['scan-period', 'v', 'vmodule'].includes(name) || !Object.hasOwn({ ...commonFlags, ...klogFlags }, name);
}

/** What the file of a plugin may say; the same for the plugin and for who checks files. */
export function pluginConfigSpec<D extends FlagDefinitions>(
  definition: PluginDefinition<D>,
  { flags, elsewhere, resolve }: FlagSources<D>,
  env: Environment,
): ConfigSpec {
  const valuesOf = (values: FileValues): PluginFlagValues<D> => {
    const { own, common } = resolve(values);
    return { ...own, ...common };
  };
  /** What is wrong with flags together is told of them, and not of other keys. */
  const possible = (values: FileValues): PluginFlagValues<D> => {
    try {
      return valuesOf(values);
    } catch {
      return valuesOf(new Map());
    }
  };
  const own = definition.config;
  return {
    flags,
    elsewhere,
    hasDevices: true,
    check: (values) => {
      const known = valuesOf(values);
      return definition.check?.(known, env);
    },
    ...(own !== undefined && {
      own: {
        keys: own.keys,
        check: (root, values) => {
          own.check(root, possible(values), env);
        },
      },
    }),
  };
}
