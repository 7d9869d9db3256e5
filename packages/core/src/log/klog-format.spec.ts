// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import { klogLines } from './klog-format.ts';
import { defaultKlogSettings } from './klog-settings.ts';
import type { LogFields, LogRecord } from './log-record.ts';
import { severity } from './severity.ts';

const lines = klogLines({ klog: defaultKlogSettings, name: 'plugin', pid: 42 });
const bare = klogLines({ klog: { ...defaultKlogSettings, skipHeaders: true }, name: 'plugin', pid: 42 });

function record(changes: Partial<LogRecord> = {}): LogRecord {
  const timeMs = new Date(2026, 5, 2, 7, 4, 9, 12).getTime();
  return {
    severity: severity.info,
    verbosity: 0,
    timeMs,
    site: { file: '/src/manage/manager.ts', line: 115 },
    message: 'hello',
    fields: {},
    ...changes,
  };
}

function body(message: string, fields: LogFields = {}): string {
  return bare(record({ message, fields }));
}

describe('klogLines()', () => {
  it("prints klog's header", () => {
    expect(lines(record())).toBe('I0602 07:04:09.012000      42 manager.ts:115] hello\n');
    expect(lines(record({ severity: severity.warning }))).toMatch(/^W0602 /);
    expect(lines(record({ severity: severity.error }))).toMatch(/^E0602 /);
  });

  it('names the directory when asked to', () => {
    const withDirectory = klogLines({
      klog: { ...defaultKlogSettings, addDirHeader: true },
      name: 'plugin',
      pid: 12345678,
    });
    expect(withDirectory(record())).toBe('I0602 07:04:09.012000 12345678 manage/manager.ts:115] hello\n');
  });

  it('prints fields behind a quoted message', () => {
    const fields = { resource: 'gpu.intel.com/i915', count: 2, shared: true, none: null, left: undefined, big: 3n };
    expect(body('device added', fields)).toBe(
      '"device added" resource="gpu.intel.com/i915" count=2 shared=true none=null big=3\n',
    );
  });

  it.each([
    ['a list', [1, 'a'], '[1,"a"]'],
    ['an object', { a: { b: 1n } }, '{"a":{"b":"1"}}'],
    ['a map', new Map([['card0', new Set([1])]]), '{"card0":[1]}'],
    ['an error inside', { cause: new Error('broken') }, '{"cause":"broken"}'],
    ['control characters inside', { a: '\u007f' }, '{"a":"\\x7f"}'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['quotes', 'a"b\\', '"a\\"b\\\\"'],
    ['control characters', '\u001b[31m\t\u202e\u{e0001}', '"\\x1b[31m\\t\\u202e\\U000e0001"'],
    ['an error', new Error('outer', { cause: new Error('inner') }), '"outer: inner"'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['what JSON leaves out', { toJSON: () => undefined }, '{ toJSON: [Function: toJSON] }'],
  ])('prints %s', (_name, value, text) => {
    expect(body('m', { value })).toBe(`"m" value=${text}\n`);
  });

  it('prints what cannot be turned into JSON', () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle['self'] = cycle;
    const hostile = {
      toJSON(): never {
        throw new Error('no');
      },
    };
    expect(body('m', { cycle })).toBe('"m" cycle=<ref *1> { a: 1, self: [Circular *1] }\n');
    expect(body('m', { hostile })).toBe('"m" hostile={ toJSON: [Function: toJSON] }\n');
  });

  it('indents the lines of a value, so that none looks like a line of its own', () => {
    expect(body('m', { text: 'a\r\nI0101 fake\u0007\n', n: 1 })).toBe('"m" text=<\n\ta\n\tI0101 fake\\a\n > n=1\n');
    expect(body('two\nlines\n')).toBe('two\n\tlines\n');
  });

  it('shows an error whole where it goes no further, and by its messages elsewhere', () => {
    const error = new DevicePluginError('CDI_SPEC_WRITE', 'cannot write', { cause: new Error('disk full') });
    const given = record({ message: 'given up', fields: { error, id: 'card0' } });
    expect(bare(given)).toBe('"given up" error="cannot write: disk full" id="card0"\n');
    const whole = bare({ ...given, severity: severity.error });
    expect(whole).toMatch(
      /^"given up" error="cannot write: disk full" id="card0" stack=<\n\tDevicePluginError \[CDI_SPEC_WRITE\]: cannot write\n\t {4}at /,
    );
    expect(whole).toMatch(/\n\tcaused by: Error: disk full\n\t {4}at [^]*\n >\n$/);
    expect(bare(record({ severity: severity.error, message: 'm', fields: { error: 'text' } }))).toBe(
      '"m" error="text"\n',
    );
  });

  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  const value = fc.oneof(
    text,
    fc.anything({ withBigInt: true, withMap: true, withSet: true, withNullPrototype: true, withDate: true }),
    text.map((message) => new Error(message)),
  );

  it('always begins with a header, and every further line is indented', () => {
    const file = fc.stringMatching(/^[\w./-]*[\w-]\.ts$/);
    const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') });
    fc.assert(
      fc.property(
        file,
        fc.nat(99_999),
        time,
        fc.constantFrom<0 | 1 | 2>(0, 1, 2),
        text,
        fc.dictionary(text, value),
        (path, line, at, level, message, fields) => {
          const printed = lines(
            record({ severity: level, timeMs: at.getTime(), site: { file: path, line }, message, fields }),
          );
          const [first, ...more] = printed.slice(0, -1).split('\n');
          expect(first).toMatch(
            /^[IWEF](?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]) [0-2]\d:[0-5]\d:[0-5]\d\.\d{6} [ \d]{6}\d [^\s:]+:\d+\] /,
          );
          expect(more.every((next) => /^(?:\t| >)/.test(next))).toBe(true);
          expect(printed.endsWith('\n')).toBe(true);
        },
      ),
    );
  });

  it('prints one line for values of one line, and no control character', () => {
    const single = value.filter(
      (each) => !(typeof each === 'string' || each instanceof Error) || !String(each).includes('\n'),
    );
    const oneLine = text.filter((each) => !each.includes('\n'));
    fc.assert(
      fc.property(oneLine, fc.dictionary(text, single), (message, fields) => {
        const printed = body(message, fields);
        expect(printed.indexOf('\n')).toBe(printed.length - 1);
        expect(printed.slice(0, -1)).not.toMatch(/(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      }),
    );
  });
});
