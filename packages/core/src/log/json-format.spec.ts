// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import { defaultKlogSettings } from './klog-settings.ts';
import { loadLineFormat } from './line-format.ts';
import type { LogRecord } from './log-record.ts';
import { severity } from './severity.ts';

const lines = (await loadLineFormat('json'))({ klog: defaultKlogSettings, name: 'qat-plugin', pid: 42 });

function record(changes: Partial<LogRecord> = {}): LogRecord {
  return {
    severity: severity.info,
    verbosity: 0,
    timeMs: 0,
    site: { file: '/src/manager.ts', line: 115 },
    message: 'hello',
    fields: {},
    ...changes,
  };
}

function parsed(changes: Partial<LogRecord>): Record<string, unknown> {
  const line = lines(record(changes));
  expect(line.indexOf('\n')).toBe(line.length - 1);
  return JSON.parse(line) as Record<string, unknown>;
}

describe('jsonLines()', () => {
  it('prints the fields of pino, the place and our own', () => {
    expect(parsed({ fields: { id: 'card0', count: 2, left: undefined } })).toEqual({
      level: 30,
      time: expect.any(Number) as number,
      pid: 42,
      hostname: expect.any(String) as string,
      name: 'qat-plugin',
      caller: 'manager.ts:115',
      id: 'card0',
      count: 2,
      msg: 'hello',
    });
  });

  it.each<[Partial<LogRecord>, object]>([
    [{ severity: severity.error }, { level: 50 }],
    [{ severity: severity.warning }, { level: 40 }],
    [{ verbosity: 4 }, { level: 20, v: 4 }],
    [{ fields: { name: 'x', v: 1, msg: 'y' } }, { name: 'qat-plugin', name_: 'x', v_: 1, msg: 'hello', msg_: 'y' }],
    [{ message: '%s %d' }, { msg: '%s %d' }],
  ])('prints %j as %j', (changes, fields) => {
    expect(parsed(changes)).toMatchObject(fields);
  });

  it('shows an error whole where it goes no further, and by its messages elsewhere', () => {
    const error = Object.freeze(
      new DevicePluginError('CDI_SPEC_WRITE', 'cannot write', { cause: new Error('disk full') }),
    );
    const stack = expect.stringMatching(
      /^DevicePluginError \[CDI_SPEC_WRITE\]: cannot write\n {4}at [^]*\ncaused by: Error: disk full\n/,
    ) as string;
    const whole = { type: 'DevicePluginError', code: 'CDI_SPEC_WRITE', message: 'cannot write: disk full', stack };
    expect(parsed({ severity: severity.error, fields: { error } }).error).toEqual(whole);
    expect(parsed({ severity: severity.error, fields: { error: new Error('x') } }).error).not.toHaveProperty('code');
    expect(parsed({ severity: severity.warning, fields: { error } }).error).toBe('cannot write: disk full');
    expect(parsed({ severity: severity.error, fields: { error: 'text' } }).error).toBe('text');
  });

  it('prints one line of JSON for anything', () => {
    const fields = fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withNullPrototype: true }));
    fc.assert(
      fc.property(fc.string(), fields, (message, given) => parsed({ message, fields: given })['msg'] === message),
    );
  });
});
