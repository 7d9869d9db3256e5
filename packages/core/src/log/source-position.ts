// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';

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
  const entry = mapOf(position.file)?.findEntry(position.line - 1, position.column - 1);
  if (entry === undefined || !('originalSource' in entry)) return position;
  // The entry may be the last one of an earlier line, and a library in the bundle has none of its own.
  if (entry.generatedLine !== position.line - 1 || typeof entry.originalSource !== 'string') return position;
  return { file: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
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

const maps = new Map<string, SourceMap | undefined>();

function mapOf(file: string): SourceMap | undefined {
  // Our sources run as they are; only what was built has a map.
  if (!file.endsWith('.mjs')) return undefined;
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

/**
 * The build reduces the map to our own sources, to some 10 kB. An unreduced one costs 25 ms and 9 MB with the first
 * line: better to name the bundle then.
 */
const maxMapBytes = 256 * 1024;

function readMap(file: string): SourceMap | undefined {
  try {
    const map = openSync(file.startsWith('file:') ? new URL(`${file}.map`) : `${file}.map`, 'r');
    try {
      if (fstatSync(map).size > maxMapBytes) return undefined;
      return new SourceMap(JSON.parse(readFileSync(map, 'utf8')) as SourceMapPayload);
    } finally {
      closeSync(map);
    }
  } catch {
    // Missing or broken: lines then name the bundle, which is better than none.
    return undefined;
  }
}
