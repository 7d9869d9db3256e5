// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle } from './throttle.ts';

describe('throttle()', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('acts at once, and once more for all that is asked for within the period', () => {
    const action = vi.fn();
    const throttled = throttle(action, 100);
    for (let asked = 0; asked < 50; asked += 1) throttled();
    expect(action).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(99);
    expect(action).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    expect(action).toHaveBeenCalledTimes(2);
  });

  it('acts at most ten times a second', () => {
    const action = vi.fn();
    const throttled = throttle(action, 100);
    for (let ms = 0; ms < 1_000; ms += 1) {
      throttled();
      vi.advanceTimersByTime(1);
    }
    expect(action.mock.calls.length).toBeLessThanOrEqual(11);
  });

  it('acts at once again after a quiet period', () => {
    const action = vi.fn();
    const throttled = throttle(action, 100);
    throttled();
    vi.advanceTimersByTime(100);
    throttled();
    expect(action).toHaveBeenCalledTimes(2);
  });

  it('drops what is to come when it is cancelled', () => {
    const action = vi.fn();
    const throttled = throttle(action, 100);
    throttled();
    throttled();
    throttled.cancel();
    vi.advanceTimersByTime(1_000);
    expect(action).toHaveBeenCalledTimes(1);
  });
});
