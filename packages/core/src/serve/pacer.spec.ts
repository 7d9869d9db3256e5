// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pacer } from './pacer.ts';

describe('Pacer', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function rig(): { readonly pacer: Pacer; readonly run: ReturnType<typeof vi.fn> } {
    const run = vi.fn();
    return { pacer: new Pacer({ burst: 4, periodMs: 1_000 }, run), run };
  }

  it('runs a burst at once, and what comes after it once when it may', () => {
    const { pacer, run } = rig();
    for (let i = 0; i < 100; i++) pacer.request();
    expect(run).toHaveBeenCalledTimes(4);
    vi.advanceTimersByTime(999);
    expect(run).toHaveBeenCalledTimes(4);
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(5);
    vi.advanceTimersByTime(60_000);
    expect(run).toHaveBeenCalledTimes(5);
  });

  it('runs once a second in the long run when it is asked for ten times as often', () => {
    const { pacer, run } = rig();
    for (let i = 0; i < 600; i++) {
      pacer.request();
      vi.advanceTimersByTime(100);
    }
    expect(run.mock.calls.length).toBeGreaterThanOrEqual(60);
    expect(run.mock.calls.length).toBeLessThanOrEqual(64);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  });

  it('runs each time at once when it is asked for once a second', () => {
    const { pacer, run } = rig();
    for (let i = 1; i <= 50; i++) {
      pacer.request();
      expect(run).toHaveBeenCalledTimes(i);
      vi.advanceTimersByTime(1_000);
    }
  });

  it('never forgets the last request', () => {
    const { pacer, run } = rig();
    let asked = 0;
    let seen = 0;
    run.mockImplementation(() => (seen = asked));
    for (let i = 0; i < 200; i++) {
      asked = i;
      pacer.request();
      vi.advanceTimersByTime((i * 37) % 300);
    }
    vi.advanceTimersByTime(1_000);
    expect(seen).toBe(asked);
    expect(vi.getTimerCount()).toBe(0);
  });
});
