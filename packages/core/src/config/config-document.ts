// SPDX-License-Identifier: Apache-2.0
import type { Document, LineCounter, Node, Pair } from 'yaml';
import { DevicePluginError } from '../errors.ts';
import { ConfigValue, keyOf, type ConfigPath } from './config-value.ts';

/** A configuration that was read, and the way to say where something in it stands. */
export interface ConfigDocument {
  readonly root: ConfigValue;
  /** The place of a value: `simple.yaml:3:9: resources[0].name`. */
  readonly placeOf: (path: ConfigPath, isOfKey?: boolean) => string;
}

/** One thing that is wrong, and where. */
export interface Fault {
  /** Lines and columns count from 1. */
  readonly line: number;
  readonly column: number;
  /** The value it is about, `resources[0].name`; empty for all of the file. */
  readonly key: string;
  readonly reason: string;
}

/** A file, be it sound or not. */
export interface ConfigFileDocument extends ConfigDocument {
  /** All that is wrong so far. What is no YAML has no values, and nothing else is found in it. */
  readonly faults: () => readonly Fault[];
}

/**
 * Reads YAML 1.2, and with it JSON.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with all that keeps the text from being YAML, one a line.
 */
export async function parseConfigDocument(file: string, text: string): Promise<ConfigFileDocument> {
  const document = await openConfigDocument(file, text);
  rejectFaults(file, document);
  return document;
}

/**
 * Takes a file as sound in which everything has been looked at.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with all that is wrong, one a line.
 */
export function rejectFaults(file: string, document: ConfigFileDocument): void {
  const faults = document.faults();
  const shown = faults.slice(0, maxShown).map((fault) => faultText(file, fault));
  rejectAll(shown, faults.length - shown.length);
}

/** The same of a text that may not be YAML: its faults say so. */
export async function openConfigDocument(file: string, text: string): Promise<ConfigFileDocument> {
  // Loaded here, so that a plugin without a configuration file does not spend its start on a parser.
  const { LineCounter, isMap, isNode, isScalar, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, logLevel: 'error' } as const;
  try {
    const document = parseDocument(text, options);
    const syntax = document.errors.map(({ pos, code, message }) =>
      faultAt(lines, pos[0], '', code === 'MULTIPLE_DOCS' ? oneTooMany : message),
    );
    if (syntax.length > 0) return unreadable(file, syntax);
    const keyIsAt = (pair: Pair, key: string | number): boolean => isScalar(pair.key) && pair.key.value === String(key);
    const locate = (path: ConfigPath, isOfKey = false): number => {
      const holder = isOfKey ? document.getIn(path.slice(0, -1), true) : undefined;
      const pair = isMap(holder) ? holder.items.find((item) => keyIsAt(item, path.at(-1) ?? '')) : undefined;
      return (isNode(pair?.key) ? pair.key : nodeOf(document, path, isNode))?.range?.[0] ?? 0;
    };
    const root = new ConfigValue(document.toJS({ maxAliasCount }));
    return {
      root,
      placeOf: (path, isOfKey) => placeText(file, faultAt(lines, locate(path, isOfKey), keyOf(path), '')),
      // Many places cost time to find, and nobody reads them.
      faults: () =>
        root.problems
          .slice(0, maxFaults)
          .map(({ path, isOfKey, reason }) => faultAt(lines, locate(path, isOfKey), keyOf(path), reason)),
    };
  } catch (error) {
    // Too many aliases, or brackets nested so deep that the parser's stack ends.
    const reason = `cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`;
    return unreadable(file, [{ line: 1, column: 1, key: '', reason }]);
  }
}

/**
 * Takes what was read of a configuration as sound.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with every problem and its place, one a line.
 */
export function rejectProblems({ root, placeOf }: ConfigDocument): void {
  const shown = root.problems
    .slice(0, maxShown)
    .map(({ path, isOfKey, reason }) => `${placeOf(path, isOfKey)}: ${reason}`);
  rejectAll(shown, root.problems.length - shown.length);
}

/** `simple.yaml:3:9: resources[0].name: is missing`. */
export function faultText(file: string, fault: Fault): string {
  return `${placeText(file, fault)}: ${fault.reason}`;
}

/** The library's text tells programmers what to call. */
const oneTooMany = 'a second document begins here; a configuration is one';

/** One anchor may be used this often; a file that doubles itself level by level is refused. */
const maxAliasCount = 100;
/** More are not read in an error; a program that checks files shows more of them. */
const maxShown = 50;
const maxFaults = 1_000;

function rejectAll(problems: readonly string[], hidden = 0): void {
  const all = hidden === 0 ? problems : [...problems, `and ${hidden} more`];
  if (all.length > 0) throw new DevicePluginError('CONFIG_INVALID', all.join('\n'));
}

function unreadable(file: string, faults: readonly Fault[]): ConfigFileDocument {
  return { root: new ConfigValue(undefined), placeOf: () => file, faults: () => faults };
}

function faultAt(lines: LineCounter, offset: number, key: string, reason: string): Fault {
  const { line, col } = lines.linePos(offset);
  // Of an empty text the library knows no line.
  return { line: Math.max(line, 1), column: Math.max(col, 1), key, reason };
}

function placeText(file: string, { line, column, key }: Fault): string {
  return [`${file}:${line}:${column}`, ...(key === '' ? [] : [key])].join(': ');
}

/** The node of a value, or of the closest one around it that the text has. */
function nodeOf(document: Document, path: ConfigPath, isNode: (value: unknown) => value is Node): Node | undefined {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node)) return node;
  }
  return undefined;
}
