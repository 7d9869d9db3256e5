// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, percentile, summarize } from './statistics.ts';

const figures = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { minLength: 1 });

describe('median()', () => {
  it.each([
    [[3], 3],
    [[3, 1], 2],
    [[10, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (row, expected) => {
    expect(median(row)).toBe(expected);
  });

  it('has as many figures above it as below', () => {
    fc.assert(
      fc.property(figures, (row) => {
        const middle = median(row);
        expect(row.filter((figure) => figure < middle).length).toBeLessThanOrEqual(row.length / 2);
        expect(row.filter((figure) => figure > middle).length).toBeLessThanOrEqual(row.length / 2);
      }),
    );
  });

  it('refuses an empty row', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('percentile()', () => {
  it.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('finds the figure that a share of %d does not exceed', (share, expected) => {
    const row = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(row, share)).toBe(expected);
  });

  it('is one of the figures, and enough of them do not exceed it', () => {
    fc.assert(
      fc.property(figures, fc.double({ min: 0, max: 1, noNaN: true }), (row, share) => {
        const figure = percentile(row, share);
        expect(row).toContain(figure);
        expect(row.filter((other) => other <= figure).length).toBeGreaterThanOrEqual(share * row.length);
      }),
    );
  });
});

describe('summarize()', () => {
  it('keeps the order of the figures as it is', () => {
    const row = [3, 1, 2];
    expect(summarize(row)).toEqual({ median: 2, min: 1, max: 3 });
    expect(row).toEqual([3, 1, 2]);
  });
});
