// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from '../errors.ts';
import { goQuote } from '../log/go-quote.ts';
import { typeOf, type FlagDefinition, type FlagDefinitions, type FlagValues } from './flag-definition.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command line says. */
export type ParsedFlags<D extends FlagDefinitions> =
  | { readonly kind: 'values'; readonly values: FlagValues<D>; readonly args: readonly string[] }
  | { readonly kind: 'help' };

/** Values of flags that a file names, which count where neither command line nor environment says otherwise. */
export type FileValues = ReadonlyMap<string, unknown>;

/**
 * Reads a command line by the rules of Go's package `flag`: `-x v`, `-x=v`, with one dash or two; a bool never takes the next argument;
 * the first argument that is not a flag, or `--`, ends the flags; the last one of several counts, unless the type adds them up; `-h` and `-help` ask for help.
 * A flag that is not given has the value of its environment variable, see {@link environmentName}, unless that is empty; else that
 * of a file, else its default.
 *
 * @param argv the arguments without the program.
 * @throws DevicePluginError `FLAG_INVALID` with Go's message. Arguments behind the flags are such an error unless `allowArguments`.
 * Source: Go, flag.FlagSet.parseOne().
 */
export function parseGoFlags<D extends FlagDefinitions>(
  definitions: D,
  argv: readonly string[],
  env: Environment,
  {
    allowArguments = false,
    fromFile = new Map(),
  }: { readonly allowArguments?: boolean; readonly fromFile?: FileValues } = {},
): ParsedFlags<D> {
  const given = new Map<string, unknown>();
  const rest = [...argv];
  for (let flag = takeFlag(rest); flag !== undefined; flag = takeFlag(rest)) {
    const definition = Object.hasOwn(definitions, flag.name) ? definitions[flag.name] : undefined;
    if (definition !== undefined) give(given, definition, flag.name, flagValue(definition, flag, rest));
    else if (flag.name === 'h' || flag.name === 'help') return { kind: 'help' };
    else throw flagError(`flag provided but not defined: -${flag.name}`);
  }
  if (rest[0] !== undefined && !allowArguments)
    throw flagError(`unexpected argument ${goQuote(rest[0])}: there are only flags`);
  const values = Object.entries(definitions).map(([name, definition]) => [
    name,
    given.has(name) ? given.get(name) : environmentValue(name, withFileValue(definition, name, fromFile), env),
  ]);
  return { kind: 'values', values: Object.fromEntries(values) as FlagValues<D>, args: rest };
}

/** Name of the environment variable of a flag: `KDP_MAX_NUM_DEVICES` for `-max-num-devices`. */
export function environmentName(flag: string): string {
  return `KDP_${flag.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

interface GivenFlag {
  readonly name: string;
  /** What follows an equals sign. */
  readonly text: string | undefined;
}

/** Takes the next flag off the front, or nothing when there are no more. */
function takeFlag(rest: string[]): GivenFlag | undefined {
  const [arg] = rest;
  if (arg === undefined || arg.length < 2 || !arg.startsWith('-')) return undefined;
  rest.shift();
  if (arg === '--') return undefined;
  const [, name, text] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name === undefined) throw flagError(`bad flag syntax: ${arg}`);
  return { name, text };
}

function give(given: Map<string, unknown>, definition: FlagDefinition, name: string, value: unknown): void {
  const type = typeOf(definition);
  given.set(name, type.add !== undefined && given.has(name) ? type.add(given.get(name), value) : value);
}

function flagValue(definition: FlagDefinition, { name, text }: GivenFlag, rest: string[]): unknown {
  if (definition.type === 'bool') {
    if (text === undefined) return true;
    return readValue(definition, text, `boolean value ${goQuote(text)} for -${name}`);
  }
  const value = text ?? rest.shift();
  if (value === undefined) throw flagError(`flag needs an argument: -${name}`);
  return readValue(definition, value, `value ${goQuote(value)} for flag -${name}`);
}

function withFileValue(definition: FlagDefinition, name: string, fromFile: FileValues): FlagDefinition {
  return fromFile.has(name) ? ({ ...definition, default: fromFile.get(name) } as FlagDefinition) : definition;
}

function environmentValue(name: string, definition: FlagDefinition, env: Environment): unknown {
  const variable = environmentName(name);
  const text = env[variable];
  // Manifests set variables to nothing where Go programs leave out the flag.
  if (text === undefined || text === '') return definition.default;
  return readValue(definition, text, `value ${goQuote(text)} for environment variable ${variable}`);
}

function readValue(definition: FlagDefinition, text: string, what: string): unknown {
  try {
    return parseFlagValue(definition, text);
  } catch (cause) {
    throw flagError(`invalid ${what}: ${messageOf(cause)}`, cause);
  }
}

/**
 * The value of a flag that this text stands for.
 *
 * @throws DevicePluginError `FLAG_INVALID` with what is wrong with it, as the end of a sentence.
 */
export function parseFlagValue(definition: FlagDefinition, text: string): unknown {
  const value = typeOf(definition).parse(text);
  const problem = problemOf(definition, value);
  if (problem !== undefined) throw flagError(problem);
  return value;
}

function problemOf(definition: FlagDefinition, value: unknown): string | undefined {
  switch (definition.type) {
    case 'string':
      if (definition.choices?.includes(value as string) === false) return `must be ${definition.choices.join(' or ')}`;
      return definition.check?.(value as string);
    case 'int':
    case 'uint':
    case 'duration':
      return definition.check?.(value as number);
    default:
      return undefined;
  }
}

function flagError(message: string, cause?: unknown): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', message, cause === undefined ? {} : { cause });
}
