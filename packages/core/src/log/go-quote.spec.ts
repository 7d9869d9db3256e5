// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeUnprintable, goQuote } from './go-quote.ts';

describe('goQuote()', () => {
  it.each([
    ['card0', '"card0"'],
    ['', '""'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\0\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['\u0085\u2028\ufeff', '"\\u0085\\u2028\\ufeff"'],
    ['\ud800', '"\\ud800"'],
    ['\u{e0001}', '"\\U000e0001"'],
    ['Gerät 設備 é 😀', '"Gerät 設備 é 😀"'],
    ['\u00a0', '"\\u00a0"'],
  ])('quotes %j as Go does', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });
});

describe('escapeUnprintable()', () => {
  it('leaves nothing to be escaped', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => escapeUnprintable(escapeUnprintable(text)) === escapeUnprintable(text),
      ),
    );
  });
});
