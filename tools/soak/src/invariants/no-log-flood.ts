// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

const windowMs = 10_000;

/**
 * A line for each change of each device is meant, and a line for each try is not: the busiest 10 s of a run had 104 lines.
 * Errors are for what ends a plugin: none is to be expected, and a handful is no flood.
 */
const limits = { lines: 400, errors: 5 };

export function noLogFlood(): Invariant {
  let recent: { readonly atMs: number; readonly isError: boolean }[] = [];
  return {
    name: 'no-log-flood',
    promise: `within 10 s the plugin writes at most ${limits.lines} lines, ${limits.errors} of them errors`,
    check: onMoment('logged', ({ line, atMs }) => {
      recent = [...recent.filter((entry) => entry.atMs > atMs - windowMs), { atMs, isError: isError(line) }];
      const errors = recent.filter((entry) => entry.isError).length;
      if (recent.length <= limits.lines && errors <= limits.errors) return 'kept';
      const seen = `${recent.length} lines in 10 s, ${errors} of them errors; the last one: ${line.slice(0, 200)}`;
      return { expected: `at most ${limits.lines} lines, ${limits.errors} of them errors`, seen };
    }),
  };
}

/** As klog begins them: `E1121 21:07:33.123456 …`. */
function isError(line: string): boolean {
  return /^[EF]\d{4} /.test(line);
}
