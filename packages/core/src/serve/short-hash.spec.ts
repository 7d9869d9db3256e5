// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { randomName, shortHash } from './short-hash.ts';

describe('shortHash()', () => {
  // Vectors of the FNV reference implementation (draft-eastlake-fnv, test_fnv.c).
  it.each([
    ['', '811c9dc5'],
    ['a', 'e40c292c'],
    ['foobar', 'bf9cf968'],
  ])('is FNV-1a of %j', (text, hash) => {
    expect(shortHash(text)).toBe(hash);
  });
});

describe('randomName()', () => {
  it('is safe in a file name, and another one each time', () => {
    const names = Array.from({ length: 1_000 }, randomName);
    expect(new Set(names).size).toBe(1_000);
    for (const name of names) expect(name).toMatch(/^[0-9a-f]{8}$/);
  });
});
