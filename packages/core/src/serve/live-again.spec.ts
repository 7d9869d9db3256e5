// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { aborted } from './abortable.ts';
import { liveAgain } from './live-again.ts';
import { ProblemReport } from './problem-report.ts';

/** Lives that last until somebody has a reason, or fail as often as a test says. */
function rig(failures: number) {
  const stop = new AbortController();
  const reasons = new Set<() => void>();
  const startAnew = (): void => {
    for (const reason of reasons) reason();
  };
  const state = { lives: 0, listeners: reasons };
  const live = async (signal: AbortSignal, onServing: () => void): Promise<void> => {
    state.lives += 1;
    if (state.lives <= failures) throw new Error(`no room ${failures}`);
    onServing();
    await aborted(signal);
  };
  const onReason = (reason: () => void): (() => void) => {
    reasons.add(reason);
    return () => void reasons.delete(reason);
  };
  const done = liveAgain({ live, onReason, problems: new ProblemReport('example.com/live') }, stop.signal);
  return { state, stop, startAnew, done };
}

describe('liveAgain()', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('begins another life for each reason, and ends with the signal', async () => {
    const { state, stop, startAnew, done } = rig(0);
    for (let i = 1; i <= 5; i++) {
      await vi.waitFor(() => {
        expect(state.lives).toBe(i);
      });
      startAnew();
    }
    stop.abort();
    await done;
    expect([state.listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('pauses after failures, longer each time and five seconds at most, and says so once', async () => {
    using log = new CapturedLog();
    const { state, stop, done } = rig(15);
    const livesAfterMs = async (ms: number): Promise<number> => {
      await vi.advanceTimersByTimeAsync(ms);
      return state.lives;
    };
    expect(await livesAfterMs(10)).toBeGreaterThanOrEqual(2);
    expect(await livesAfterMs(990)).toBeLessThanOrEqual(9);
    const before = state.lives;
    await livesAfterMs(60_000);
    expect(state.lives).toBe(16);
    expect(before).toBeLessThan(16);
    expect(log.with('cannot serve the resource')).toHaveLength(1);
    stop.abort();
    await done;
  });

  it('does not wait when there is a reason to try now', async () => {
    using log = new CapturedLog();
    const { state, stop, startAnew, done } = rig(12);
    const startMs = performance.now();
    for (let i = 1; i <= 12; i++) {
      await vi.waitFor(() => {
        expect(state.lives).toBe(i);
      });
      startAnew();
    }
    await vi.waitFor(() => {
      expect(state.lives).toBe(13);
    });
    // The twelve pauses are ten seconds at least.
    expect(performance.now() - startMs).toBeLessThan(5_000);
    stop.abort();
    await done;
    expect(log.lines).toHaveLength(1);
  });
});
