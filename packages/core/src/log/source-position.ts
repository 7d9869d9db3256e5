// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { originalPosition, type SourceMapSection } from './source-map.ts';

/** A place in a file; line and column count from 1. */
export interface Position {
  /** Path or file URL. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The place in the sources that a place in a bundle was made from. The bundle's map lies beside it, in `<bundle>.map`;
 * it is read when the first place is asked for. A place without a map stands for itself.
 */
export function sourcePosition(position: Position): Position {
  const original = originalPosition(sectionsOf(position.file), position.line - 1, position.column - 1);
  if (original === undefined) return position;
  return { file: original.source, line: original.line + 1, column: original.column + 1 };
}

/** Replaces each `path:line:column` in a line of a stack by its place in the sources. */
export function mapPositions(text: string): string {
  return text.replace(
    /((?:file:\/\/)?\/[^():]+):(\d+):(\d+)/g,
    (_place, file: string, line: string, column: string) => {
      const mapped = sourcePosition({ file, line: Number(line), column: Number(column) });
      return `${mapped.file}:${mapped.line}:${mapped.column}`;
    },
  );
}

const maps = new Map<string, readonly SourceMapSection[]>();

function sectionsOf(file: string): readonly SourceMapSection[] {
  // Our sources run as they are; only what was built has a map.
  if (!file.endsWith('.mjs')) return [];
  const sections = maps.get(file) ?? readMap(file);
  maps.set(file, sections);
  return sections;
}

/** The build reduces the map to our own sources, to some 50 kB. Another one is not worth its memory: better to name the bundle then. */
const maxMapBytes = 256 * 1024;

function readMap(file: string): readonly SourceMapSection[] {
  try {
    const map = openSync(file.startsWith('file:') ? new URL(`${file}.map`) : `${file}.map`, 'r');
    try {
      if (fstatSync(map).size > maxMapBytes) return [];
      return asSections(JSON.parse(readFileSync(map, 'utf8')));
    } finally {
      closeSync(map);
    }
  } catch {
    // Missing or broken: lines then name the bundle, which is better than none.
    return [];
  }
}

/** Of an index map its sections, of any other map itself. */
function asSections(json: unknown): readonly SourceMapSection[] {
  const { sections, sources, mappings } = Object(json) as Record<string, unknown>;
  if (Array.isArray(sections)) return sections.flatMap(asSection);
  const isMap = Array.isArray(sources) && typeof mappings === 'string';
  return isMap ? [{ offset: { line: 0, column: 0 }, map: { sources: sources.map(String), mappings } }] : [];
}

function asSection(json: unknown): readonly SourceMapSection[] {
  const { offset, map } = Object(json) as Record<string, unknown>;
  const { line, column } = Object(offset) as Record<string, unknown>;
  const [section] = asSections(map);
  return section === undefined ? [] : [{ offset: { line: Number(line), column: Number(column) }, map: section.map }];
}
