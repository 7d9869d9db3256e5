// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';

/** Whom a file is for, and how that is known. */
export interface ConfigTarget {
  /** `gpu`; {@link processKey} for the process of several plugins. */
  readonly key: string;
  readonly knownBy: string;
}

/** The process of several plugins. */
export const processKey = 'all';

/**
 * Finds out whom a file is for: by what was asked for, by the schema that its first lines name for editors, or by its name.
 *
 * @param keys - all that there are.
 */
export function configTarget(
  path: string,
  text: string,
  keys: readonly string[],
  asked: string | undefined,
): ConfigTarget | undefined {
  if (asked !== undefined) return { key: asked, knownBy: '--plugin' };
  const named = (name: string): string | undefined => keys.find((key) => name === key || name === `${key}-plugin`);
  const bySchema = named(/([\w-]+)\/config\.schema\.json$/.exec(schemaOf(text))?.[1] ?? '');
  if (bySchema !== undefined) return { key: bySchema, knownBy: 'its $schema' };
  const byName = named(basename(path).replace(/\.[^.]*$/, ''));
  return byName === undefined ? undefined : { key: byName, knownBy: 'its name' };
}

/** Among the comments at the top. Source: yaml-language-server, README, "Using inlined schema". */
function schemaOf(text: string): string {
  const lines = text.slice(0, 4_096).split('\n');
  const end = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  const comments = end === -1 ? lines : lines.slice(0, end);
  return comments.map((line) => /^\s*#\s*yaml-language-server:\s*\$schema=(\S+)/.exec(line)?.[1]).find(Boolean) ?? '';
}
