// SPDX-License-Identifier: Apache-2.0

/** What is needed of a source map, revision 3. Source: https://tc39.es/ecma426/ */
export interface SourceMapText {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** A part of an index map: the map of the code from `offset` to the next part. Line and column count from 0. */
export interface SourceMapSection {
  readonly offset: { readonly line: number; readonly column: number };
  readonly map: SourceMapText;
}

/** A place in a source; line and column count from 0. */
export interface OriginalPosition {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where the code at a place of the bundle comes from; undefined where the map says nothing of it. Line and column count from 0.
 *
 * Node's SourceMap class does this too, from tables of all places that it makes first: 8 MiB of resident memory for the sake
 * of some ten lines in the log. This reads the text of one section up to the place and keeps nothing.
 *
 * @param sections - in the order of their offsets.
 */
export function originalPosition(
  sections: readonly SourceMapSection[],
  line: number,
  column: number,
): OriginalPosition | undefined {
  const section = sections.findLast(
    ({ offset }) => offset.line < line || (offset.line === line && offset.column <= column),
  );
  if (section === undefined) return undefined;
  const { offset, map } = section;
  return positionIn(map, line - offset.line, line === offset.line ? column - offset.column : column);
}

function positionIn(map: SourceMapText, line: number, column: number): OriginalPosition | undefined {
  const fields = [0, 0, 0, 0];
  let found: OriginalPosition | undefined;
  let currentLine = 0;
  let field = 0;
  let value = 0;
  let shift = 0;
  for (let index = 0; index <= map.mappings.length; index += 1) {
    const character = map.mappings.charAt(index);
    const digit = character === '' ? -1 : base64Digits.indexOf(character);
    if (digit >= 0) {
      // Five bits of a number and one that tells whether more follow; the lowest bit of the number is its sign.
      value += (digit & 31) << shift;
      shift += 5;
      if (digit & 32) continue;
      fields[field] = (fields[field] ?? 0) + (value & 1 ? -(value >>> 1) : value >>> 1);
      field += 1;
      value = shift = 0;
      continue;
    }
    // A comma, a semicolon or the end: a segment is complete.
    const [segmentColumn = 0, source = 0, sourceLine = 0, sourceColumn = 0] = fields;
    if (currentLine === line && field > 0 && segmentColumn <= column) {
      const name = field >= 4 ? map.sources[source] : undefined;
      found = name === undefined ? undefined : { source: name, line: sourceLine, column: sourceColumn };
    }
    field = 0;
    if (character === ';') {
      if (currentLine === line) break;
      currentLine += 1;
      fields[0] = 0;
    }
  }
  return found;
}

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
