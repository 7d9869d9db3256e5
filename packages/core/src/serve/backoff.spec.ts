// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

const options = { firstMs: 100, maxMs: 30_000 };
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoffMs()', () => {
  it.each([
    [1, 0, 50],
    [1, 0.5, 75],
    [2, 0, 100],
    [5, 0, 800],
    [20, 0, 15_000],
    [5_000, 0.999, 29_985],
  ])('waits before try %d with chance %d for %d ms', (attempt, chance, ms) => {
    expect(backoffMs(attempt, options, chance)).toBeCloseTo(ms);
  });

  it('is between half the limit and the limit of its try, whatever the chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), random, (attempt, chance) => {
        const limitMs = Math.min(options.maxMs, options.firstMs * 2 ** (attempt - 1));
        const ms = backoffMs(attempt, options, chance);
        expect(ms).toBeGreaterThanOrEqual(limitMs / 2);
        expect(ms).toBeLessThanOrEqual(limitMs);
      }),
    );
  });

  it('never gets shorter with the number of tries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), random, (attempt, chance) => {
        expect(backoffMs(attempt + 1, options, chance)).toBeGreaterThanOrEqual(backoffMs(attempt, options, chance));
      }),
    );
  });
});
