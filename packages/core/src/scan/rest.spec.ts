// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rest } from './rest.ts';

describe('Rest', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function leftAfter(runMs: number): Promise<Rest> {
    const rest = new Rest();
    await rest.after(() => {
      vi.advanceTimersByTime(runMs);
      return Promise.resolve();
    });
    return rest;
  }

  it('is over before the first run', () => {
    expect(new Rest().leftMs).toBeLessThanOrEqual(0);
  });

  it('is four times as long as the run', async () => {
    const rest = await leftAfter(5);
    expect(rest.leftMs).toBe(20);
    vi.advanceTimersByTime(21);
    expect(rest.leftMs).toBe(-1);
  });

  it('is a tenth of a second at most', async () => {
    expect((await leftAfter(2_000)).leftMs).toBe(100);
  });
});
