// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from './flag-definition.ts';
import { klogFlags } from './klog-flags.ts';
import { environmentNote, flagColumns } from './usage.ts';

/** A program as its help describes it. */
export interface CommandDescription<D extends FlagDefinitions = FlagDefinitions> {
  /** What a user types: `gpu-labeler`. */
  readonly name: string;
  /** What it does, a sentence that begins with a verb: `Writes labels of the node's GPUs`. */
  readonly summary: string;
  /** Its own flags; every program has those of klog besides. */
  readonly flags: D;
  /** What arguments it takes behind the flags, as the usage line shows them: `<bdf> [name]`. Without it there may be none. */
  readonly argumentsUsage?: string;
  /** Command line → what it is good for. */
  readonly examples: Readonly<Record<string, string>>;
  /** Environment variables that it reads besides those of its flags, and what they mean. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes from 3 on. 0, 1 and 2 mean the same in every program. */
  readonly exitCodes?: Readonly<Record<number, string>>;
}

/** What `-h` prints: what the program does, flags, environment, examples and exit codes. */
export function commandHelp(command: CommandDescription): string {
  const { name, summary, flags, argumentsUsage = '', examples, environment = {}, exitCodes = {} } = command;
  const codes = { ...commonExitCodes, ...exitCodes };
  return [
    `${name}: ${summary}`,
    `Usage: ${[name, '[flags]', argumentsUsage].filter(Boolean).join(' ')}`,
    section('Flags', flagRows(flags)),
    section('Flags of the log, those of klog', flagRows(klogFlags)),
    environmentNote(Object.keys(flags).length > 0 ? flags : klogFlags),
    section('Environment', Object.entries(environment)),
    section('Examples', Object.entries(examples)),
    section('Exit codes', Object.entries(codes)),
  ]
    .filter(Boolean)
    .map((part) => `${part}\n`)
    .join('\n');
}

const commonExitCodes: Readonly<Record<number, string>> = {
  0: 'done, stopped by a signal, or help shown',
  1: 'it failed; the last line of the log says why',
  2: 'wrong flags or arguments; nothing was done',
};

type Row = readonly [string, string];

function flagRows(flags: FlagDefinitions): readonly Row[] {
  return flagColumns(flags).map(({ flag, usage }) => [flag, usage]);
}

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([first]) => first.length));
  return [`${title}:`, ...rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`)].join('\n');
}
