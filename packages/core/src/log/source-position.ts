// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { originalPosition, type SourceMapText } from './source-map.ts';

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
  const map = mapOf(position.file);
  const original = map && originalPosition(map, position.line - 1, position.column - 1);
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

const maps = new Map<string, SourceMapText | undefined>();

function mapOf(file: string): SourceMapText | undefined {
  // Our sources run as they are; only what was built has a map.
  if (!file.endsWith('.mjs')) return undefined;
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

/** The build reduces the map to our own sources, to some 25 kB. Another one is not worth its memory: better to name the bundle then. */
const maxMapBytes = 256 * 1024;

function readMap(file: string): SourceMapText | undefined {
  try {
    const map = openSync(file.startsWith('file:') ? new URL(`${file}.map`) : `${file}.map`, 'r');
    try {
      if (fstatSync(map).size > maxMapBytes) return undefined;
      return asSourceMap(JSON.parse(readFileSync(map, 'utf8')));
    } finally {
      closeSync(map);
    }
  } catch {
    // Missing or broken: lines then name the bundle, which is better than none.
    return undefined;
  }
}

function asSourceMap(json: unknown): SourceMapText | undefined {
  const { sources, mappings } = Object(json) as { readonly sources?: unknown; readonly mappings?: unknown };
  if (!Array.isArray(sources) || typeof mappings !== 'string') return undefined;
  return { sources: sources.map(String), mappings };
}
