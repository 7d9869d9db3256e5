// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import type { KlogSettings } from '../log/klog-settings.ts';
import { commonFlags, commonOptions, type CommonOptions } from './common-flags.ts';
import type { FlagDefinitions, FlagValues } from './flag-definition.ts';
import { environmentName, parseGoFlags, type Environment, type FileValues } from './go-flags.ts';
import { klogFlags, klogSettings } from './klog-flags.ts';
import { nearestName } from './nearest-name.ts';
import { valuesOf, withSharedFlags } from './shared-flags.ts';
import { usageText } from './usage.ts';

/** What a plugin is to do by its command line. */
export type PluginFlags<D extends FlagDefinitions> =
  | {
      readonly kind: 'run';
      readonly common: CommonOptions;
      readonly klog: KlogSettings;
      readonly own: FlagValues<D>;
      /** All of them by the names of the flags. */
      readonly values: FlagValues<FlagDefinitions>;
      readonly unknownVariables: readonly UnknownVariable[];
    }
  /** Print the text to standard error and exit 0. */
  | { readonly kind: 'help'; readonly text: string }
  /** Print both to standard error and exit 2. */
  | { readonly kind: 'error'; readonly message: string; readonly usage: string };

/** A variable of the environment that begins as those of flags do and belongs to none. */
export interface UnknownVariable {
  readonly variable: string;
  /** The name that may have been meant. */
  readonly nearest: string | undefined;
}

/**
 * Reads the command line and environment of a plugin, which has the flags of every plugin, those of klog and its own.
 *
 * @param argv the arguments without the program.
 * @param fromFile what the file of -config says, once it has been read.
 * @throws DevicePluginError `FLAG_INVALID` when the plugin defines a flag, or the variable of one, that every plugin has: a mistake in its code.
 */
export function parsePluginFlags<D extends FlagDefinitions>(
  name: string,
  ownFlags: D,
  argv: readonly string[],
  env: Environment,
  fromFile: FileValues = new Map(),
): PluginFlags<D> {
  const flags = withSharedFlags(ownFlags, { ...commonFlags, ...klogFlags }, 'every plugin');
  try {
    const parsed = parseGoFlags(flags, argv, env, { fromFile });
    if (parsed.kind === 'help') return { kind: 'help', text: usageText(name, flags) };
    return {
      kind: 'run',
      common: commonOptions(valuesOf(commonFlags, parsed.values)),
      klog: klogSettings(valuesOf(klogFlags, parsed.values)),
      own: valuesOf(ownFlags, parsed.values),
      values: parsed.values,
      unknownVariables: unknownVariables(Object.keys(flags).map(environmentName), env),
    };
  } catch (error) {
    return { kind: 'error', message: messageOf(error), usage: usageText(name, flags) };
  }
}

function unknownVariables(known: readonly string[], env: Environment): UnknownVariable[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith(environmentName('')) && !known.includes(variable))
    .map((variable) => ({ variable, nearest: nearestName(variable, known) }));
}
