// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

describe('SeededRandom', () => {
  it('repeats itself for the same seed, and stays in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [first, second] = [new SeededRandom(seed), new SeededRandom(seed)];
        for (let i = 0; i < 20; i += 1) {
          const value = first.next();
          expect(value).toBe(second.next());
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(1);
        }
      }),
    );
  });

  it('shuffles without losing anything', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
        const shuffled = new SeededRandom(seed).shuffle(items);
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
    );
  });

  it('gets to every order', () => {
    const random = new SeededRandom(0);
    const orders = new Set(Array.from({ length: 200 }, () => random.shuffle('abc').join('')));
    expect(orders.size).toBe(6);
  });
});
