// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import { Command, CommanderError } from 'commander';
import { ExitWith, type CliContext } from './cli-context.ts';
import { commands } from './commands.ts';

/**
 * Runs `kdp` with these arguments.
 *
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted; or that of the {@link ExitWith} a command throws.
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  const program = new Command('kdp')
    .description('Examine device plugins, see which devices a node has and why, and find what is wrong with it.')
    .version('0.1.0', '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(--help shows the options)')
    .enablePositionalOptions()
    .configureOutput({ writeOut: context.print, writeErr: context.printError })
    .exitOverride();
  for (const make of commands) program.addCommand(make(context).copyInheritedSettings(program));
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCodeOf(error, context);
  }
}

function exitCodeOf(error: unknown, { printError, signal }: CliContext): number {
  if (error instanceof ExitWith) return error.exitCode;
  // Commander has printed it already: help, or what is wrong with the arguments.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (signal.aborted) return 130;
  printError(
    `${error instanceof DevicePluginError || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message)}\n`,
  );
  return error instanceof DevicePluginError && error.code === 'FLAG_INVALID' ? 2 : 1;
}
