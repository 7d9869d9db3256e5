// SPDX-License-Identifier: Apache-2.0
import { inspect } from 'node:util';
import { messageOf } from '../errors.ts';
import { sitePath } from './call-site.ts';
import { errorStack } from './error-stack.ts';
import { escapeUnprintable, goQuote } from './go-quote.ts';
import type { LineFormat, LineFormatOptions, LogRecord } from './log-record.ts';
import { severity, severityNames } from './severity.ts';

/**
 * Lines as klog prints them: `Lmmdd hh:mm:ss.uuuuuu PPPPPPP file:line] message`, in local time; with fields
 * `"message" key="value" number=1`. What takes several lines is `key=<`, lines indented by a tab, and ` >`:
 * whatever a value holds, it cannot look like a line of its own.
 * Upstream: klog v2, internal/buffer FormatHeader(), internal/serialize KVFormat().
 */
export function klogLines({ klog, pid }: LineFormatOptions): LineFormat {
  return (record) => {
    const header = klog.skipHeaders ? '' : klogHeader(record, pid, klog.addDirHeader);
    return `${header}${klogBody(record)}\n`;
  };
}

function klogHeader({ severity: level, timeMs, site }: LogRecord, pid: number, withDirectory: boolean): string {
  const time = new Date(timeMs);
  const date = twoDigits(time.getMonth() + 1) + twoDigits(time.getDate());
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':');
  // The clock of JavaScript counts milliseconds: the last three digits are always 0.
  const micros = `${String(time.getMilliseconds()).padStart(3, '0')}000`;
  const position = `${sitePath(site, withDirectory)}:${site.line}`;
  return `${severityNames[level].charAt(0)}${date} ${clock}.${micros} ${String(pid).padStart(7)} ${position}] `;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function klogBody({ severity: level, message, fields }: LogRecord): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0) return printableLines(message).join('\n\t');
  const pairs = given.map(([key, value]) => ` ${keyOf(key)}=${fieldText(value)}`);
  // Errors that go no further are shown whole; the others by their messages, which fieldText() does.
  const { error } = fields;
  const stack = level >= severity.error && error instanceof Error ? ` stack=${stringText(errorStack(error))}` : '';
  return goQuote(message) + pairs.join('') + stack;
}

function keyOf(key: string): string {
  return key.replace(/[^\x21-\x7e]|[="]/g, '_') || '_';
}

function fieldText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'object':
      return value instanceof Error ? stringText(messageOf(value)) : escapeUnprintable(objectText(value));
    default:
      return escapeUnprintable(String(value));
  }
}

function stringText(text: string): string {
  return text.includes('\n') ? `<\n\t${printableLines(text).join('\n\t')}\n >` : goQuote(text);
}

function printableLines(text: string): string[] {
  return text.trimEnd().split(/\r?\n/).map(escapeButTabs);
}

function escapeButTabs(line: string): string {
  return line.split('\t').map(escapeUnprintable).join('\t');
}

function objectText(value: object | null): string {
  try {
    // The type of JSON.stringify() forgets that an object may turn itself into nothing.
    const text = JSON.stringify(value, plain) as string | undefined;
    return text ?? inspect(value, oneLine);
  } catch {
    // A cycle, or an object that does not want to be looked at: a log line is no reason to fail.
    return inspect(value, oneLine);
  }
}

const oneLine = { breakLength: Infinity, compact: true, customInspect: false } as const;

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return messageOf(value);
  if (value instanceof Map) return Object.fromEntries(value as Map<string, unknown>);
  return value instanceof Set ? [...(value as Set<unknown>)] : value;
}
