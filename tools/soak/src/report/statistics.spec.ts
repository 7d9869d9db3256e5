// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile } from './percentile.ts';
import { theilSen } from './theil-sen.ts';

describe('theilSen()', () => {
  it('finds the slope of any line, with a quarter of the points anywhere', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -9, max: 9 }),
        fc.nat(3),
        (slope, start, phase) => {
          const points = Array.from({ length: 40 }, (_, x) => ({ x, y: x % 4 === phase ? 1e6 : start + slope * x }));
          expect(theilSen(points)).toBeCloseTo(slope);
        },
      ),
    );
  });

  it('is 0 where there is no line', () => {
    expect(theilSen([])).toBe(0);
    expect(
      theilSen([
        { x: 1, y: 5 },
        { x: 1, y: 9 },
      ]),
    ).toBe(0);
  });

  it('takes the middle of an even number of slopes', () => {
    // Slopes 0, 0, 2, 0, 2, 2: those in the middle are 0 and 2.
    const points = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 2, y: 0 },
      { x: 3, y: 6 },
    ];
    expect(theilSen(points)).toBe(1);
  });
});

describe('percentile()', () => {
  it.each([
    [[], 50, undefined],
    [[7], 99, 7],
    [[3, 1, 2], 50, 2],
    [[4, 1, 3, 2], 50, 2],
    [Array.from({ length: 100 }, (_, n) => n + 1), 99, 99],
    [[1, 9], 100, 9],
    [[5, 1], 0, 1],
  ])('of %j, %i hundredths: %s', (values, hundredths, expected) => {
    expect(percentile(values, hundredths)).toBe(expected);
  });
});
