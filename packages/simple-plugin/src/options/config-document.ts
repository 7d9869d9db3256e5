// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import type { Document, Node } from 'yaml';
import { ConfigValue, keyOf, type ConfigPath } from './config-value.ts';

/** A configuration that was read, and the way to say where something in it stands. */
export interface ConfigDocument {
  readonly root: ConfigValue;
  /** The place of a value: `simple.yaml:3: resources[0].name`. */
  readonly placeOf: (path: ConfigPath) => string;
}

/**
 * Reads YAML 1.2, and with it JSON.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with all that keeps the text from being YAML, one a line.
 */
export async function parseConfigDocument(file: string, text: string): Promise<ConfigDocument> {
  // Loaded here, so that a plugin without a configuration file does not spend its start on a parser.
  const { LineCounter, isNode, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const placeAt = (offset: number, ...rest: string[]) => [`${file}:${lines.linePos(offset).line}`, ...rest].join(': ');
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      logLevel: 'error',
    });
    rejectAll(
      document.errors.map(({ pos, code, message }) => placeAt(pos[0], code === 'MULTIPLE_DOCS' ? oneTooMany : message)),
    );
    const nodeAt = (path: ConfigPath) => nodeOf(document, path, isNode);
    return {
      root: new ConfigValue(document.toJS({ maxAliasCount })),
      placeOf: (path) => placeAt(nodeAt(path)?.range?.[0] ?? 0, ...(path.length === 0 ? [] : [keyOf(path)])),
    };
  } catch (error) {
    if (error instanceof DevicePluginError) throw error;
    // Too many aliases, or brackets nested so deep that the parser's stack ends.
    throw new DevicePluginError('CONFIG_INVALID', `${file}: cannot be read as YAML`, { cause: error });
  }
}

/**
 * Takes what was read of a configuration as sound.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with every problem and its place, one a line.
 */
export function rejectProblems({ root, placeOf }: ConfigDocument): void {
  // Many places cost time to find, and nobody reads them.
  const shown = root.problems.slice(0, maxShownProblems).map(({ path, reason }) => `${placeOf(path)}: ${reason}`);
  const hidden = root.problems.length - shown.length;
  rejectAll(hidden === 0 ? shown : [...shown, `and ${hidden} more`]);
}

/** The library's text tells programmers what to call. */
const oneTooMany = 'a second document begins here; a configuration is one';

/** One anchor may be used this often; a file that doubles itself level by level is refused. */
const maxAliasCount = 100;
const maxShownProblems = 50;

function rejectAll(problems: readonly string[]): void {
  if (problems.length > 0) throw new DevicePluginError('CONFIG_INVALID', problems.join('\n'));
}

/** The node of a value, or of the closest one around it that the text has. */
function nodeOf(document: Document, path: ConfigPath, isNode: (value: unknown) => value is Node): Node | undefined {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node)) return node;
  }
  return undefined;
}
