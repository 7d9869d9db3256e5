// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import type { KlogSettings } from '../log/klog-settings.ts';
import { commandHelp, type CommandDescription } from './command-help.ts';
import type { FlagDefinitions, FlagValues } from './flag-definition.ts';
import { parseGoFlags, type Environment } from './go-flags.ts';
import { klogFlags, klogSettings } from './klog-flags.ts';
import { valuesOf, withSharedFlags } from './shared-flags.ts';

/** What a program is to do by its command line. */
export type CommandFlags<D extends FlagDefinitions> =
  | {
      readonly kind: 'run';
      readonly klog: KlogSettings;
      readonly flags: FlagValues<D>;
      readonly args: readonly string[];
    }
  /** Print the text to standard output and exit 0. */
  | { readonly kind: 'help'; readonly text: string }
  /** Print the message to standard error and exit 2. */
  | { readonly kind: 'error'; readonly message: string };

/**
 * Reads the command line and environment of a program that is no plugin: its own flags, klog's, and arguments where it takes some.
 *
 * @param argv the arguments without the program.
 * @throws DevicePluginError `FLAG_INVALID` when it defines a flag of klog's: a mistake in its code.
 */
export function parseCommandFlags<D extends FlagDefinitions>(
  command: CommandDescription<D>,
  argv: readonly string[],
  env: Environment,
): CommandFlags<D> {
  const definitions = withSharedFlags(command.flags, klogFlags, 'every program');
  try {
    const allowArguments = command.argumentsUsage !== undefined;
    const parsed = parseGoFlags(definitions, argv, env, { allowArguments });
    if (parsed.kind === 'help') return { kind: 'help', text: commandHelp(command) };
    return {
      kind: 'run',
      klog: klogSettings(valuesOf(klogFlags, parsed.values)),
      flags: valuesOf(command.flags, parsed.values),
      args: parsed.args,
    };
  } catch (error) {
    return { kind: 'error', message: `${messageOf(error)}\n${command.name} -h shows what there is\n` };
  }
}
