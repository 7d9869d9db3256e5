// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inScope } from '../plugin-scope.ts';
import { StartGate } from './start-gate.ts';

describe('StartGate', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets everybody pass at first', async () => {
    await expect(new StartGate().passed).resolves.toBeUndefined();
  });

  it('holds everybody back until it is opened', async () => {
    const gate = new StartGate();
    gate.shut(1_000);
    const passed = vi.fn();
    void gate.passed.then(passed);
    await vi.advanceTimersByTimeAsync(999);
    expect(passed).not.toHaveBeenCalled();
    gate.open();
    await gate.passed;
    expect(passed).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('opens by itself after the limit, which a second shut() does not put off', async () => {
    const gate = new StartGate();
    gate.shut(1_000);
    await vi.advanceTimersByTimeAsync(500);
    gate.shut(1_000);
    const passed = vi.fn();
    void gate.passed.then(passed);
    await vi.advanceTimersByTimeAsync(499);
    expect(passed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(passed).toHaveBeenCalled();
  });

  it('is passed when each plugin of a process has opened it, or its time is up', async () => {
    const gate = new StartGate();
    const forPlugin = (name: string, task: () => void): void => {
      inScope({ name, onStrayError: () => undefined }, task);
    };
    for (const name of ['a', 'b', 'c']) forPlugin(name, () => gate.shut(1_000));
    const passed = vi.fn();
    void gate.passed.then(passed);
    for (const name of ['a', 'a', 'c']) forPlugin(name, () => gate.open());
    gate.open();
    await vi.advanceTimersByTimeAsync(999);
    expect(passed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(passed).toHaveBeenCalled();
  });

  it('can be opened twice, and shut again after that', async () => {
    const gate = new StartGate();
    gate.open();
    gate.shut(1_000);
    gate.open();
    gate.open();
    await gate.passed;
    gate.shut(1_000);
    const passed = vi.fn();
    void gate.passed.then(passed);
    await vi.advanceTimersByTimeAsync(999);
    expect(passed).not.toHaveBeenCalled();
  });
});
