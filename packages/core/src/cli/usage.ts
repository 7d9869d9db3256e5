// SPDX-License-Identifier: Apache-2.0
import { typeOf, type FlagDefinition, type FlagDefinitions } from './flag-definition.ts';
import { environmentName } from './go-flags.ts';

/** The help of a program, in the form of Go's. Source: Go, flag.PrintDefaults(). */
export function usageText(program: string, definitions: FlagDefinitions): string {
  const flags = Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1));
  const [example = ''] = flags.map(([name]) => name);
  return [
    `Usage of ${program}:`,
    ...flags.map(([name, definition]) => flagUsage(name, definition)),
    `Each flag can also be set by an environment variable, e.g. ${environmentName(example)} for -${example}. The flag goes before the variable.`,
    '',
  ].join('\n');
}

function flagUsage(name: string, definition: FlagDefinition): string {
  const placeholder = placeholderOf(definition);
  const flag = `  -${name}${placeholder === '' ? '' : ` ${placeholder}`}`;
  // Go puts a bool of one letter and its usage on one line.
  const gap = flag.length <= 4 ? '\t' : '\n    \t';
  return `${flag}${gap}${definition.usage}${defaultUsage(definition)}`;
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
