// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aDevice, aResource, aStatus } from '../../test/a-status.ts';
import { parseStatus } from './parse-status.ts';

const status = aStatus([
  aResource('a/b', [aDevice('x', { reason: 'heat', history: [{ to: 'unhealthy', at: 'then' }] })]),
]);

describe('parseStatus()', () => {
  it('takes a status as it is, and fields that a later plugin adds', () => {
    const later = { ...status, more: 1 };
    expect(parseStatus(JSON.stringify(later))).toEqual(later);
  });

  it.each([
    ['[]', 'it.format is no number'],
    ['null', 'it is no object'],
    ['{ "format": 2, "else": [] }', 'its format is 2, not 1; take the kdp of its release'],
    ['"x"', 'it is no object'],
    [JSON.stringify({ ...status, plugins: {} }), 'it.plugins is no list'],
    [JSON.stringify({ ...status, usersUnknown: 1 }), 'it.usersUnknown is no string'],
    [
      JSON.stringify(aStatus([{ ...aResource('a/b', []), devices: [1] } as never])),
      'it.plugins[0].resources[0].devices[0] is no object',
    ],
    [
      JSON.stringify(aStatus([aResource('a/b', [aDevice('x', { id: 1 as never })])])),
      'it.plugins[0].resources[0].devices[0].id is no string',
    ],
  ])('says what is wrong with %s', (text, problem) => {
    expect(() => parseStatus(text)).toThrow(`this is no status of a plugin: ${problem}`);
  });

  it('takes nothing for granted that is inherited', () => {
    expect(() => parseStatus('{"__proto__":{"format":1}}')).toThrow('it.format is no number');
  });

  it('takes or refuses any JSON, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parseStatus(text)).toThrow('this is no status');
      }),
    );
  });
});
