// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PluginProcess } from './plugin-process.ts';
import { expectQuiet } from './processor-time.ts';
import type { Stage } from './stage.ts';

describe('expectQuiet()', () => {
  let nowMs: number;

  beforeEach(() => {
    nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** With so many milliseconds of a processor in each second, one after another. */
  function look(...shares: readonly (number | undefined)[]): Promise<string> {
    let used = 0;
    let looks = 0;
    const stage = {
      pause: (ms: number) => {
        nowMs += ms;
        used += ((shares[Math.min(looks++, shares.length - 1)] ?? NaN) * ms) / 1_000;
        return Promise.resolve();
      },
    };
    const plugin = {
      get cpuMs() {
        return Number.isNaN(used) ? undefined : used;
      },
    };
    return expectQuiet(stage as unknown as Stage, plugin as unknown as PluginProcess);
  }

  it('takes a plugin that waits', async () => {
    expect(await look(0)).toBe('0 % of a processor');
    expect(await look(30)).toBe('3 % of a processor');
  });

  it('finds a busy loop', async () => {
    await expect(look(1_000)).rejects.toThrow('takes 100 % of a processor while it has nothing to do');
  });

  it('bears a runtime that cleans up', async () => {
    expect(await look(300, 10, 10)).toBe('1 % of a processor');
    expect(await look(60, 500, 60, 500, 60)).toBe('6 % of a processor');
  });

  it('says where nothing is known', async () => {
    expect(await look(undefined)).toBe('processor time is not known on this system');
  });
});
