// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import type { LeftOutDevices } from '../device-tree.ts';
import { LeftOutLog } from './left-out-log.ts';

const leftOut = (...ids: readonly string[]): LeftOutDevices =>
  new Map([['example.com/card', new Map(ids.map((id) => [id, 'its id is odd']))]]);

describe('LeftOutLog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells of each device once, and again when it comes back', () => {
    using log = new CapturedLog();
    const devices = new LeftOutLog();
    for (const ids of [['a'], ['a'], ['a', 'b'], ['b'], ['a', 'b']]) devices.update(leftOut(...ids));
    expect(log.lines.map((line) => /id="(.)"/.exec(line)?.[1])).toEqual(['a', 'b', 'a']);
    expect(log.lines[0]).toMatch(/^W.*"device left out" resource="example.com\/card" id="a" reason="its id is odd"$/m);
  });

  it('has one line for more than ten, and cuts ids that are long', () => {
    using log = new CapturedLog();
    new LeftOutLog().update(leftOut(...Array.from({ length: 11 }, (_, i) => `${i}${'x'.repeat(1_000)}`)));
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('"devices left out" resource="example.com/card" count=11');
    expect(log.lines[0]?.length).toBeLessThan(2_000);
  });

  it('has few lines for one that comes and goes all the time', () => {
    using log = new CapturedLog();
    const devices = new LeftOutLog();
    for (let i = 0; i < 600; i++) {
      devices.update(i % 2 === 0 ? leftOut('a') : new Map());
      vi.advanceTimersByTime(100);
    }
    expect(log.lines.length).toBeGreaterThan(0);
    expect(log.lines.length).toBeLessThanOrEqual(10 + 60 / 5);
  });
});
