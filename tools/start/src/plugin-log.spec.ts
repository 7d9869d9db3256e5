// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePluginLog, pluginLogText } from './plugin-log.ts';

function line(record: object): string {
  return JSON.stringify({ time: 1, pid: 2, hostname: 'h', name: 'simple-plugin', caller: 'a.ts:3', ...record });
}

describe('parsePluginLog()', () => {
  it('reads level, message and fields', () => {
    expect(parsePluginLog(line({ level: 30, msg: 'registered', resource: 'a/b' }))).toEqual({
      level: 'info',
      message: 'registered',
      fields: { resource: 'a/b' },
    });
  });

  it.each([
    [20, 'debug'],
    [30, 'info'],
    [40, 'warn'],
    [50, 'error'],
    [60, 'error'],
    ['?', 'error'],
  ])('reads level %s as %s', (level, expected) => {
    expect(parsePluginLog(line({ level, msg: 'm' })).level).toBe(expected);
  });

  it.each(['TypeError: x is not a function', '{', '{}', '{"msg":1}', '[]', ''])('takes %j as an error', (text) => {
    expect(parsePluginLog(text)).toEqual({ level: 'error', message: text, fields: {} });
  });

  it('takes any text, and gives one for it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((fields) => line({ msg: 'm', ...fields })),
        ),
        (text) => {
          expect(typeof pluginLogText(parsePluginLog(text))).toBe('string');
        },
      ),
    );
  });
});

describe('pluginLogText()', () => {
  it.each([
    [{}, 'message'],
    [{ resource: 'a/b', tries: 3 }, 'message: resource=a/b tries=3'],
    [{ error: { type: 'Error', message: 'no such file', stack: '…' } }, 'message: error=no such file'],
    [{ ids: ['1', '2'] }, 'message: ids=["1","2"]'],
    [{ nothing: null }, 'message: nothing=null'],
  ])('writes %j as %j', (fields, expected) => {
    expect(pluginLogText({ level: 'info', message: 'message', fields })).toBe(expected);
  });
});
