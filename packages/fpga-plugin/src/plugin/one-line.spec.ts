// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { oneLine } from './one-line.ts';

describe('oneLine()', () => {
  it.each<[unknown, string]>([
    ['afX', 'afX'],
    ['', ''],
    ['region\n', 'region '],
    ['bogus\n<x>'.repeat(200), 'bogus <x>bogus <x>bogus <x>bogus <x>bogu…'],
    [{ seven: [7] }, '{"seven":[7]}'],
    [null, 'null'],
  ])('shows %j', (value, shown) => {
    expect(oneLine(value)).toBe(shown);
  });
});
