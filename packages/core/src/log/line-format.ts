// SPDX-License-Identifier: Apache-2.0
import { klogLines } from './klog-format.ts';
import type { CreateLineFormat } from './log-record.ts';

/** The kinds of lines of `-logging-format`. */
export const loggingFormats = ['text', 'json'] as const;

export type LoggingFormat = (typeof loggingFormats)[number];

/**
 * Loads a kind of line. Only JSON needs pino, which costs a start 5 ms: it is loaded here and nowhere else,
 * before the first line, so that writing a line never has to wait for it.
 */
export async function loadLineFormat(format: LoggingFormat): Promise<CreateLineFormat> {
  return format === 'json' ? (await import('./json-format.ts')).jsonLines : klogLines;
}
