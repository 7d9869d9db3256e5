// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPattern } from './glob.ts';

describe('matchesPattern()', () => {
  it.each([
    ['card0', 'card0', true],
    ['card0', 'card', false],
    ['card0', 'card?', true],
    ['card', 'card?', false],
    ['net/tun::1', 'net*', true],
    ['0000:6b:00.1', '*:6b:*.1', true],
    ['0000:6b:00.2', '*:6b:*.1', false],
    ['', '', true],
    ['', '**', true],
    ['', '?', false],
    ['a.c', 'a?c', true],
    ['abc', 'a.c', false],
    ['aXbXc', '*X?', true],
  ])('says of %j and %j: %j', (text, pattern, expected) => expect(matchesPattern(text, pattern)).toBe(expected));

  it('says what a regular expression says', () => {
    const word = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(word, word, (text, pattern) => {
        const expression = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchesPattern(text, pattern)).toBe(new RegExp(`^${expression}$`, 's').test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not lose itself in stars', () => {
    expect(matchesPattern('a'.repeat(63), `${'*a'.repeat(31)}b`)).toBe(false);
  });
});
