// SPDX-License-Identifier: Apache-2.0
import { getCallSites } from 'node:util';
import { mapPositions, sourcePosition } from './source-position.ts';

/** A line of our source. */
export interface CallSite {
  /** Path as far as it is known; {@link sitePath} shortens it. */
  readonly file: string;
  readonly line: number;
}

/** Where the function `depth` calls up was called: 1 is the line that calls `callSite` itself. */
export function callSite(depth: number): CallSite {
  const frame = getCallSites(depth + 1)[depth];
  // klog's words for a place it cannot name.
  if (frame === undefined) return { file: '???', line: 1 };
  return sourcePosition({ file: frame.scriptName, line: frame.lineNumber, column: frame.columnNumber });
}

/** The stack from `depth` calls up, a line for each call. */
export function callStack(depth: number): string {
  const frames = (new Error().stack ?? '').split('\n').slice(1 + depth);
  return frames.map(mapPositions).join('\n').trimStart();
}

/** Name of the file, and of its directory when asked for. */
export function sitePath({ file }: CallSite, withDirectory: boolean): string {
  return file
    .split('/')
    .slice(withDirectory ? -2 : -1)
    .join('/');
}
