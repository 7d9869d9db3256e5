// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { RateLimit } from './rate-limit.ts';

describe('RateLimit', () => {
  it('lets a burst through, and then so many a second', () => {
    const clock = new ManualClock();
    const limit = new RateLimit(clock, 100, 3);
    const allowed = (): number => Array.from({ length: 10 }, () => limit.allows()).filter(Boolean).length;
    expect(allowed()).toBe(3);
    clock.advance(20);
    expect(allowed()).toBe(2);
    clock.advance(60_000);
    expect(allowed()).toBe(3);
  });
});
