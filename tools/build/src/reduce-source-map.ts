// SPDX-License-Identifier: Apache-2.0
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';

/** A source map, revision 3. Source: https://tc39.es/ecma426/ */
export interface SourceMap {
  readonly version: number;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** A source map in sections, each of which has the code from its offset to that of the next. */
export interface IndexMap {
  readonly version: number;
  readonly sections: readonly {
    readonly offset: { readonly line: number; readonly column: number };
    readonly map: SourceMap;
  }[];
}

/**
 * The map of the sources that `keep` accepts, to the precision of a line: names and columns of the source are dropped,
 * and so is each segment that points where the one before it does. What is not kept maps to nothing.
 *
 * Each stretch of one source is a section of its own, for every start looks up the place of a line in the log: to read all of the map
 * for that takes 8 ms of CPU, and as much again in V8's compiler, which sees a hot loop.
 */
export function reduceSourceMap(map: SourceMap, keep: (source: string) => boolean): IndexMap {
  const stretches: Stretch[] = [];
  for (const [line, segments] of decode(map.mappings).entries()) {
    for (const place of reduceLine(segments, map.sources.map(keep))) addPlace(stretches, line, place);
  }
  const sections = stretches.map(({ line, column, source, lines }) => ({
    offset: { line, column },
    map: { version: 3, sources: map.sources.slice(source, source + 1), names: [], mappings: encode(lines) },
  }));
  return { version: 3, sections };
}

/** A place from which on the code comes from this line of this source, or from none that is kept. */
type Place = readonly [column: number, source?: number, line?: number];

function reduceLine(segments: readonly SourceMapSegment[], isKept: readonly boolean[]): Place[] {
  const reduced: Place[] = [];
  let previous = '';
  for (const [column, source = -1, line = 0] of segments) {
    const kept = isKept[source] === true;
    const place = kept ? `${source}:${line}` : '';
    if (place === previous) continue;
    previous = place;
    reduced.push(kept ? [column, source, line] : [column]);
  }
  return reduced;
}

interface Stretch {
  readonly line: number;
  readonly column: number;
  readonly source: number;
  /** Segments of each line from `line` on. */
  readonly lines: SourceMapSegment[][];
}

function addPlace(stretches: Stretch[], line: number, [column, source, originalLine = 0]: Place): void {
  let last = stretches.at(-1);
  if (source !== undefined && source !== last?.source) {
    last = { line, column, source, lines: [] };
    stretches.push(last);
  }
  if (last === undefined) return;
  while (last.lines.length <= line - last.line) last.lines.push([]);
  const relative = line === last.line ? column - last.column : column;
  last.lines.at(-1)?.push(source === undefined ? [relative] : [relative, 0, originalLine, 0]);
}
