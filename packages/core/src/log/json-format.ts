// SPDX-License-Identifier: Apache-2.0
import { hostname } from 'node:os';
import { pino } from 'pino';
import { messageOf } from '../errors.ts';
import { sitePath } from './call-site.ts';
import { errorStack } from './error-stack.ts';
import type { LineFormat, LineFormatOptions, LogFields, LogRecord } from './log-record.ts';
import { severity } from './severity.ts';

/**
 * Lines as pino prints them: JSON with its `level`, `time`, `pid`, `hostname`, `name` and `msg`, the `caller`, and the fields
 * beside them. `log.v(n)` has pino's level debug and n as `v`. A field by one of these names gets an underscore at its end.
 */
export function jsonLines({ klog, name, pid }: LineFormatOptions): LineFormat {
  let line = '';
  const capture = {
    write(text: string): void {
      line = text;
    },
  };
  const logger = pino({ name, level: 'debug', base: { pid, hostname: hostname() } }, capture);
  return (record) => {
    const caller = `${sitePath(record.site, klog.addDirHeader)}:${record.site.line}`;
    const v = record.verbosity === 0 ? undefined : record.verbosity;
    logger[pinoLevel(record)]({ caller, v, ...jsonFields(record) }, record.message);
    return line;
  };
}

function pinoLevel({ severity: level, verbosity }: LogRecord): 'error' | 'warn' | 'info' | 'debug' {
  if (level === severity.error) return 'error';
  if (level === severity.warning) return 'warn';
  return verbosity === 0 ? 'info' : 'debug';
}

function jsonFields({ severity: level, fields }: LogRecord): LogFields {
  const whole = level >= severity.error;
  const entries = Object.entries(fields).map(([key, value]) => [
    taken.has(key) ? `${key}_` : key,
    value instanceof Error ? jsonError(value, whole && key === 'error') : value,
  ]);
  return Object.fromEntries(entries) as LogFields;
}

const taken = new Set(['level', 'time', 'pid', 'hostname', 'name', 'caller', 'v', 'msg', 'toJSON']);

/** An error that goes no further is shown whole, by pino's names; any other one by its messages. */
function jsonError(error: Error, whole: boolean): unknown {
  if (!whole) return messageOf(error);
  const code = 'code' in error ? error.code : undefined;
  return { type: error.name, code, message: messageOf(error), stack: errorStack(error) };
}
