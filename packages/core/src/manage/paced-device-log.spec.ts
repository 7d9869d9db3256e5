// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { devices } from '../../test/devices.ts';
import { PacedDeviceLog } from './paced-device-log.ts';

const resource = 'example.com/card';

describe('PacedDeviceLog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells of changes at once while they are few', () => {
    using log = new CapturedLog();
    const devicesLog = new PacedDeviceLog();
    devicesLog.begin(resource, devices('a'));
    for (const id of ['a!', 'a', 'a!', 'a']) devicesLog.update(resource, devices(id));
    expect(log.lines.map((line) => /"([^"]+)"/.exec(line)?.[1])).toEqual([
      'found devices',
      'device is unhealthy',
      'device is healthy again',
      'device is unhealthy',
      'device is healthy again',
    ]);
  });

  it('says what changed since the last update, also while it waits for its turn to tell', () => {
    using log = new CapturedLog();
    const devicesLog = new PacedDeviceLog();
    devicesLog.begin(resource, devices('d0'));
    for (let i = 1; i < 20; i++) {
      expect(devicesLog.update(resource, devices(`d${i}`))).toMatchObject({ added: [`d${i}`], removed: [`d${i - 1}`] });
    }
    expect(log.with('id="d19"')).toEqual([]);
  });

  it.each([
    ['a device that flaps', () => devices('a!')],
    ['a resource that comes and goes', () => devices()],
  ])('has few lines for %s ten times a second, and the last one is true', (_what, bad) => {
    using log = new CapturedLog();
    const devicesLog = new PacedDeviceLog();
    devicesLog.begin(resource, devices('a'));
    for (let i = 0; i < 3_001; i++) {
      devicesLog.update(resource, i % 2 === 0 ? bad() : devices('a'));
      vi.advanceTimersByTime(100);
    }
    // Ten at once, then one in five seconds.
    expect(log.lines.length).toBeLessThanOrEqual(1 + 10 + 300 / 5);
    vi.advanceTimersByTime(5_000);
    expect(log.lines.at(-1)).toMatch(/device is unhealthy|device removed/);
    const { length } = log.lines;
    vi.advanceTimersByTime(60_000);
    expect(log.lines).toHaveLength(length);
  });

  it('tells at the end what waited for its turn, and nothing after it', () => {
    using log = new CapturedLog();
    const devicesLog = new PacedDeviceLog();
    for (let i = 0; i < 20; i++) devicesLog.update(resource, devices(`d${i}`));
    expect(log.with('id="d19"')).toEqual([]);
    devicesLog.flush();
    expect(log.lines.slice(-2)).toEqual([
      expect.stringMatching(/"device added".* id="d19"/),
      expect.stringMatching(/"device removed".* id="d9"/),
    ]);
    const { length } = log.lines;
    vi.advanceTimersByTime(60_000);
    expect(log.lines).toHaveLength(length);
  });

  it('does not hold up one resource because of another', () => {
    using log = new CapturedLog();
    const devicesLog = new PacedDeviceLog();
    for (let i = 0; i < 20; i++) devicesLog.update(resource, devices(`d${i}`));
    devicesLog.update('example.com/disk', devices('x'));
    expect(log.lines.at(-1)).toContain('resource="example.com/disk" id="x"');
  });
});
