// SPDX-License-Identifier: Apache-2.0
import { typeOf, type FlagDefinition, type FlagDefinitions } from './flag-definition.ts';
import { environmentName } from './go-flags.ts';

/** A flag as help shows it. */
export interface FlagColumns {
  /** With its dash and what stands for its value: `-mode dpdk|kernel`. */
  readonly flag: string;
  /** One line, with the default at its end. */
  readonly usage: string;
}

/** Flags in the order of their names. */
export function flagColumns(definitions: FlagDefinitions): readonly FlagColumns[] {
  const flags = Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1));
  return flags.map(([name, definition]) => ({
    flag: [`-${name}`, placeholderOf(definition)].filter(Boolean).join(' '),
    usage: `${definition.usage}${defaultUsage(definition)}`,
  }));
}

/** The help of a plugin, in the form of Go's. Source: Go, flag.PrintDefaults(). */
export function usageText(program: string, definitions: FlagDefinitions): string {
  return `${usageOfFlags(program, definitions)}${environmentNote(definitions)}\n`;
}

/** The same of flags that no environment variable sets. */
export function usageOfFlags(program: string, definitions: FlagDefinitions): string {
  // Go puts a bool of one letter and its usage on one line.
  const lines = flagColumns(definitions).map(
    ({ flag, usage }) => `  ${flag}${flag.length <= 2 ? '' : '\n    '}\t${usage}`,
  );
  return [`Usage of ${program}:`, ...lines, ''].join('\n');
}

/** How flags may be given without a command line. */
export function environmentNote(definitions: FlagDefinitions): string {
  const [example = ''] = Object.keys(definitions).sort();
  return `Each flag can also be set by an environment variable, e.g. ${environmentName(example)} for -${example}. The flag goes before the variable.`;
}

function placeholderOf(definition: FlagDefinition): string {
  const choices = definition.type === 'string' ? definition.choices : undefined;
  return choices?.join('|') ?? typeOf(definition).placeholder;
}

function defaultUsage(definition: FlagDefinition): string {
  const text = typeOf(definition).format(definition.default);
  return zeroes.has(text) ? '' : ` (default ${text})`;
}

/** Go keeps quiet about defaults that are the zero of their type. */
const zeroes = new Set(['', '""', '0', '0s', 'false']);
