// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKeys } from './keys.ts';

describe('parseKeys()', () => {
  it.each([
    ['a', ['allocate']],
    ['d', ['delete']],
    ['r', ['restart']],
    ['p', ['plug']],
    ['q', ['quit']],
    ['\x03', ['quit']],
    ['\x1b[A', ['up']],
    ['\x1bOB', ['down']],
    ['\x1b[5~\x1b[6~', ['pageUp', 'pageDown']],
    ['aaz d', ['allocate', 'allocate', 'delete']],
    ['\x1b[1;5a', []],
    ['\x1b', []],
    ['', []],
  ])('reads %j as %j', (input, expected) => {
    expect(parseKeys(input)).toEqual(expected);
  });

  it('takes any input', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (input) => parseKeys(input).length <= input.length));
  });
});
