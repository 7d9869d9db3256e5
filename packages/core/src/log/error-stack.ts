// SPDX-License-Identifier: Apache-2.0
import { mapPositions } from './source-position.ts';

/** An error and its causes, each with the places it came through. */
export function errorStack(error: unknown): string {
  return causesOf(error).map(describe).join('\ncaused by: ');
}

/** Causes that are looked at; a chain of errors may have no end. */
const maxCauses = 10;

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let cause = error; cause !== undefined && causes.length < maxCauses;) {
    causes.push(cause);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? ` [${String(error.code)}]` : '';
  // The first lines of V8's text repeat name and message as they were when the error was made.
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at .{1,1000}$/.test(line));
  return [`${error.name}${code}: ${error.message}`, ...frames.map(mapPositions)].join('\n');
}
