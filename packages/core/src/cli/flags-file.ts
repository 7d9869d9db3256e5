// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from '../errors.ts';
import { commonFlags } from './common-flags.ts';
import type { FlagDefinitions, FlagValues } from './flag-definition.ts';
import { parseGoFlags, type FileValues } from './go-flags.ts';
import { klogFlags } from './klog-flags.ts';
import { nearestName } from './nearest-name.ts';

/** A text with flags, and the path that errors name. */
export interface FlagsFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads the flags of one of several plugins in a process: one on each line, as it stands on the command line of the plugin, but without a shell.
 * What is behind the equals sign, or the first space, is the value as it is; empty lines and those that begin with `#` do not count.
 * Variables of the environment have no part in it, for plugins may have flags of the same name.
 *
 * @param check - finds fault with values that are right one by one.
 * @throws DevicePluginError `FLAG_INVALID` with path and line in front of the message that the plugin itself has.
 */
export function parseFlagsFile<D extends FlagDefinitions>(
  { path, text }: FlagsFile,
  definitions: D,
  check: (values: FlagValues<D>) => unknown = () => undefined,
  fromFile: FileValues = new Map(),
): FlagValues<D> {
  const flags = fileFlags(text);
  for (const { line, problem } of lineFaults(flags, definitions)) throw fault(path, line, problem);
  const values = parseAll(definitions, flags, fromFile);
  for (const { line, problem } of checkFaults(flags, (some) => check(parseAll(definitions, some, fromFile))))
    throw fault(path, line, problem);
  return values;
}

/** Something that is wrong with such a file. */
export interface FlagsFileFault {
  /** Undefined where no line of its own is to blame. */
  readonly line: number | undefined;
  readonly problem: Error;
}

/** All that {@link parseFlagsFile} would find fault with; what is about several flags only once each of them is right. */
export function flagsFileFaults<D extends FlagDefinitions>(
  text: string,
  definitions: D,
  check: (values: FlagValues<D>) => unknown,
): readonly FlagsFileFault[] {
  const flags = fileFlags(text);
  const faults = [...lineFaults(flags, definitions)];
  return faults.length > 0 ? faults : [...checkFaults(flags, (some) => check(parseAll(definitions, some, new Map())))];
}

function* lineFaults(flags: readonly FileFlag[], definitions: FlagDefinitions): Iterable<FlagsFileFault> {
  for (const flag of flags) {
    const problem = problemOf(() => parseLine(definitions, flag));
    if (problem !== undefined) yield { line: flag.line, problem };
  }
}

/** The line to blame is the one without which the problem is another one, or none. */
function* checkFaults(
  flags: readonly FileFlag[],
  check: (flags: readonly FileFlag[]) => unknown,
): Iterable<FlagsFileFault> {
  const problem = problemOf(() => check(flags));
  if (problem === undefined) return;
  const isToBlame = (flag: FileFlag): boolean =>
    problemOf(() => check(flags.filter((other) => other !== flag)))?.message !== problem.message;
  yield { line: flags.findLast(isToBlame)?.line, problem };
}

/** An error that names the file, and the line if it is known. */
export function fault(path: string, line: number | undefined, cause: unknown): DevicePluginError {
  const place = line === undefined ? path : `${path}:${line}`;
  return new DevicePluginError('FLAG_INVALID', `${place}: ${messageOf(cause)}`, { cause });
}

interface FileFlag {
  /** Lines count from 1. */
  readonly line: number;
  /** One argument of a command line, or two. */
  readonly args: readonly string[];
}

function fileFlags(text: string): FileFlag[] {
  return text
    .split('\n')
    .map((line, index) => ({ line: index + 1, args: argsOf(line.trim()) }))
    .filter(({ args: [first = ''] }) => first !== '' && !first.startsWith('#'));
}

function argsOf(line: string): readonly string[] {
  const [, flag, value] = /^(-[^\s=]*)\s+(.*)$/.exec(line) ?? [];
  return flag === undefined || value === undefined ? [line] : [flag, value];
}

function parseLine(definitions: FlagDefinitions, { args }: FileFlag): void {
  const [, name = ''] = /^--?([^-=][^=]*)/.exec(args[0] ?? '') ?? [];
  if (!Object.hasOwn(definitions, name)) {
    if (Object.hasOwn({ ...commonFlags, ...klogFlags, h: 0, help: 0 }, name))
      throw invalid(`-${name} is a flag of all plugins: give it on the command line`);
    if (name === '') throw invalid(`${JSON.stringify(args.join(' '))} is not a flag: begin the line with its dash`);
    const nearest = name.length > maxGuessedLength ? undefined : nearestName(name, Object.keys(definitions));
    if (nearest !== undefined) throw invalid(`flag provided but not defined: -${name}; did you mean -${nearest}?`);
  }
  parseGoFlags(definitions, args, {});
}

/** Nobody means a flag with so long a name. */
const maxGuessedLength = 64;

function parseAll<D extends FlagDefinitions>(
  definitions: D,
  flags: readonly FileFlag[],
  fromFile: FileValues,
): FlagValues<D> {
  const args = flags.flatMap((flag) => flag.args);
  const parsed = parseGoFlags(definitions, args, {}, { fromFile });
  if (parsed.kind === 'help') throw invalid('there is no help here');
  return parsed.values;
}

function problemOf(task: () => unknown): Error | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', message);
}
