// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { NoiseGate } from './noise-gate.ts';

describe('NoiseGate', () => {
  it('lets as many events through in a second as are allowed', () => {
    const gate = new NoiseGate(2);
    expect([0, 10, 999].map((nowMs) => gate.isTooMuch(nowMs))).toEqual([false, false, true]);
  });

  it('counts anew in the next second', () => {
    const gate = new NoiseGate(1);
    expect([0, 1_000, 2_500].map((nowMs) => gate.isTooMuch(nowMs))).toEqual([false, false, false]);
  });
});
