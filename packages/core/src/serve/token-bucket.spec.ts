// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

const rate = { burst: 4, periodMs: 1_000 };

describe('TokenBucket', () => {
  it('lets a burst through, then says how long to wait', () => {
    const bucket = new TokenBucket(rate);
    expect([0, 0, 0, 0, 0, 250, 999].map((nowMs) => bucket.take(nowMs))).toEqual([0, 0, 0, 0, 1_000, 750, 1]);
    expect([1_000, 1_000, 2_000, 2_500].map((nowMs) => bucket.take(nowMs))).toEqual([0, 1_000, 0, 500]);
  });

  it('has the whole burst again after a rest, and no more than that', () => {
    const bucket = new TokenBucket(rate);
    for (const startMs of [0, 4_000, 1_000_000])
      expect(Array.from({ length: 5 }, () => bucket.take(startMs))).toEqual([0, 0, 0, 0, 1_000]);
  });

  it('never gives more than the burst and one a period, and always gives after the wait it named', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1 }), (pausesMs) => {
        const bucket = new TokenBucket(rate);
        let nowMs = 0;
        let taken = 0;
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          const waitMs = bucket.take(nowMs);
          expect(waitMs).toBeLessThanOrEqual(rate.periodMs);
          if (waitMs > 0) expect(bucket.take((nowMs += waitMs))).toBe(0);
          taken += 1;
          expect(taken).toBeLessThanOrEqual(rate.burst + nowMs / rate.periodMs);
        }
      }),
    );
  });
});
