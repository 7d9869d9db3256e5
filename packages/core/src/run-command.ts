// SPDX-License-Identifier: Apache-2.0
import { parseCommandFlags, type CommandFlags } from './cli/command-flags.ts';
import type { CommandDescription } from './cli/command-help.ts';
import type { FlagDefinitions, FlagValues } from './cli/flag-definition.ts';
import { DevicePluginError, isErrno, messageOf } from './errors.ts';
import { configureLog, flushLog, log } from './log/log.ts';
import { writeFully } from './log/write-fully.ts';
import { stopOnSignals } from './process-signals.ts';
import { exitDespiteFileWork } from './scan/file-work.ts';

/** A program that is no device plugin, as its file in `src/main/` describes it. */
export interface CommandDefinition<D extends FlagDefinitions> extends CommandDescription<D> {
  /**
   * Does it. Resolves to an exit code of its own, or to nothing for 0; a program that runs until it is stopped resolves once
   * `signal` aborts. A DevicePluginError `FLAG_INVALID` ends the process with 2, anything else that it throws with 1.
   */
  readonly run: (context: CommandContext<D>, signal: AbortSignal) => number | undefined | Promise<number | undefined>;
}

/** What a program is given of the process it runs in. */
export interface CommandContext<D extends FlagDefinitions> {
  /** The values of its own flags by their names. */
  readonly flags: FlagValues<D>;
  /** What stands behind the flags. */
  readonly args: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Writes to standard output before it returns. A reader that has gone wants no more. */
  readonly print: (text: string) => void;
  /**
   * All of standard input as text.
   *
   * @throws DevicePluginError `CONFIG_INVALID` when it is larger.
   */
  readonly readInput: (maxBytes: number) => Promise<string>;
}

/**
 * Runs a program as this process: flags, help, log, signals, exit code. It owns the process as runPlugin() does, and does not return.
 *
 * SIGTERM, SIGINT, SIGHUP and SIGQUIT end the program in order, a second one at once.
 * Exit codes: 0 done, stopped or help shown, 1 failed, 2 wrong flags or arguments.
 */
export async function runCommand<D extends FlagDefinitions>(command: CommandDefinition<D>): Promise<never> {
  exitDespiteFileWork(process);
  const parsed = parseCommandFlags(command, process.argv.slice(2), process.env);
  const code = parsed.kind === 'run' ? await run(command, parsed) : explain(parsed);
  flushLog();
  process.exit(code);
}

function explain(parsed: Exclude<CommandFlags<FlagDefinitions>, { kind: 'run' }>): number {
  if (parsed.kind === 'help') print(parsed.text);
  else process.stderr.write(parsed.message);
  return parsed.kind === 'help' ? 0 : 2;
}

async function run<D extends FlagDefinitions>(
  command: CommandDefinition<D>,
  { klog, flags, args }: CommandFlags<D> & { kind: 'run' },
): Promise<number> {
  const stop = new AbortController();
  stopOnSignals(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'], stop);
  try {
    configureLog({ klog, name: command.name, pid: process.pid });
    return (await command.run({ flags, args, env: process.env, print, readInput }, stop.signal)) ?? 0;
  } catch (error) {
    // Our own errors name what is wrong and what to do; for anything else its stack is where the search begins.
    if (error instanceof DevicePluginError) log.error(messageOf(error));
    else log.error(`${command.name} ends`, { error });
    return error instanceof DevicePluginError && error.code === 'FLAG_INVALID' ? 2 : 1;
  }
}

function print(text: string): void {
  try {
    writeFully(1, text);
  } catch (error) {
    if (!isErrno(error, 'EPIPE')) throw error;
  }
}

async function readInput(maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new DevicePluginError('CONFIG_INVALID', `standard input has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
