// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlarmClock } from './alarm-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Sleeps, and tells whether that has ended. */
function sleeper(clock: AlarmClock, sleepMs: number): () => boolean {
  let isAwake = false;
  void clock.next(sleepMs).then(() => (isAwake = true));
  return () => isAwake;
}

describe('AlarmClock', () => {
  it('wakes when the time has come', async () => {
    const isAwake = sleeper(new AlarmClock(), 1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(isAwake()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isAwake()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes on a ring and forgets the time', async () => {
    const clock = new AlarmClock();
    const isAwake = sleeper(clock, 1_000);
    clock.ring();
    await vi.advanceTimersByTimeAsync(0);
    expect(isAwake()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps one ring for the next sleep', async () => {
    const clock = new AlarmClock();
    clock.ring();
    clock.ring();
    await clock.next(1_000);
    const isAwake = sleeper(clock, 1_000);
    await vi.advanceTimersByTimeAsync(10);
    expect(isAwake()).toBe(false);
  });

  it('rings in a while, which further wishes do not put off', async () => {
    const clock = new AlarmClock();
    const isAwake = sleeper(clock, 1_000);
    for (let ms = 0; ms < 9; ms += 3) {
      clock.ringIn(10);
      await vi.advanceTimersByTimeAsync(3);
    }
    expect(isAwake()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isAwake()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('needs no ring in a while after one at once', async () => {
    const clock = new AlarmClock();
    clock.ringIn(10);
    clock.ring();
    await clock.next(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sleeps on for a time that no timer can measure', async () => {
    const isAwake = sleeper(new AlarmClock(), Infinity);
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(isAwake()).toBe(false);
  });

  it('forgets what is still to ring', () => {
    const clock = new AlarmClock();
    clock.ringIn(10);
    clock.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
