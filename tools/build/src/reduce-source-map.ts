// SPDX-License-Identifier: Apache-2.0
import { decode, encode, type SourceMapMappings, type SourceMapSegment } from '@jridgewell/sourcemap-codec';

/** A source map, revision 3. Source: https://tc39.es/ecma426/ */
export interface SourceMap {
  readonly version: number;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/**
 * The map of the sources that `keep` accepts, to the precision of a line: names and columns of the source are dropped,
 * and so is each segment that points where the one before it does. What is not kept maps to nothing.
 */
export function reduceSourceMap(map: SourceMap, keep: (source: string) => boolean): SourceMap {
  const sources = map.sources.filter(keep);
  const indexes = new Map(map.sources.map((source, index) => [index, sources.indexOf(source)]));
  const mappings: SourceMapMappings = decode(map.mappings).map((line) => reduceLine(line, indexes));
  return { version: 3, sources, names: [], mappings: encode(mappings) };
}

function reduceLine(segments: readonly SourceMapSegment[], indexes: ReadonlyMap<number, number>): SourceMapSegment[] {
  const reduced: SourceMapSegment[] = [];
  let previous = '';
  for (const [column, original = -1, line = 0] of segments) {
    const source = indexes.get(original) ?? -1;
    const place = source < 0 ? '' : `${source}:${line}`;
    if (place === previous) continue;
    previous = place;
    reduced.push(source < 0 ? [column] : [column, source, line, 0]);
  }
  return reduced;
}
