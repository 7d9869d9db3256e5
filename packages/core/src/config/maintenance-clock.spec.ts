// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { treeOf } from '../../test/devices.ts';
import { MaintenanceClock } from './maintenance-clock.ts';
import type { MaintenanceEntry } from './maintenance.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');
beforeEach(() => {
  vi.useFakeTimers({ now: startMs });
});
afterEach(() => {
  vi.useRealTimers();
});

const entry = (untilMs: number | undefined): MaintenanceEntry => ({
  device: 'd1',
  resource: undefined,
  reason: 'dust',
  untilMs: untilMs === undefined ? undefined : startMs + untilMs,
});

function start(entries: readonly MaintenanceEntry[]) {
  const clock = new MaintenanceClock('a.b', entries);
  const onChange = vi.fn<() => void>();
  clock.start(onChange);
  const health = () =>
    clock
      .appliedTo(treeOf({ red: ['d1'] }))
      .resources.get('red')
      ?.get('d1')?.health;
  return { clock, onChange, health };
}

describe('MaintenanceClock', () => {
  it('calls back when the time of an entry has come, which may be farther off than a timer goes', async () => {
    const fiftyDaysMs = 50 * 24 * 3_600_000;
    const { onChange, health } = start([entry(1_000), entry(fiftyDaysMs)]);
    expect(health()).toBe('Unhealthy');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onChange).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(fiftyDaysMs - 1_001);
    expect([onChange.mock.calls.length, health()]).toEqual([1, 'Unhealthy']);
    await vi.advanceTimersByTimeAsync(1);
    expect([onChange.mock.calls.length, health()]).toEqual([2, 'Healthy']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sees at the next look that the clock was set', () => {
    const { clock, onChange, health } = start([entry(60_000)]);
    clock.look();
    expect(onChange).not.toHaveBeenCalled();
    vi.setSystemTime(startMs + 60_000);
    clock.look();
    expect([onChange.mock.calls.length, health()]).toEqual([1, 'Healthy']);
    vi.setSystemTime(startMs);
    clock.look();
    expect([onChange.mock.calls.length, health()]).toEqual([2, 'Unhealthy']);
  });

  it('takes other entries, and nothing after its end', () => {
    const { clock, onChange, health } = start([]);
    expect(health()).toBe('Healthy');
    clock.setEntries([entry(1_000)]);
    expect([onChange.mock.calls.length, health()]).toEqual([1, 'Unhealthy']);
    clock.stop();
    clock.setEntries([entry(undefined)]);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('tells once of an entry without a device', () => {
    using log = new CapturedLog();
    const { clock } = start([{ ...entry(undefined), device: 'd9' }]);
    for (let i = 0; i < 3; i += 1) clock.appliedTo(treeOf({ red: ['d1'] }));
    expect(log.with('maintenance of a device that is not there')).toHaveLength(1);
  });
});
