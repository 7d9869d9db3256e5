// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { EventLog, type PluginEvent } from './event-log.ts';

const registered: PluginEvent = { kind: 'register', atMs: 10, resource: 'example.com/a' };
const listed = (atMs: number, total: number, healthy = total): PluginEvent => ({ kind: 'list', atMs, total, healthy });

function logOf(...events: PluginEvent[]): EventLog {
  const log = new EventLog();
  events.forEach((event) => {
    log.add(event);
  });
  return log;
}

describe('EventLog', () => {
  it.each([
    [{ kind: 'register', sinceMs: 0 }, 10],
    [{ kind: 'register', sinceMs: 0, resource: 'example.com/a' }, 10],
    [{ kind: 'list', sinceMs: 0 }, 11],
    [{ kind: 'list', sinceMs: 12.5 }, 13],
    [{ kind: 'list', sinceMs: 0, minTotal: 4 }, 12],
    [{ kind: 'list', sinceMs: 0, healthy: 3 }, 13],
  ] as const)('finds %j among what is past', async (awaited, atMs) => {
    expect(await logOf(registered, listed(11, 0), listed(12, 4), listed(13, 4, 3)).first(awaited, 1)).toBe(atMs);
  });

  it('waits for what is to come', async () => {
    const log = logOf(listed(1, 4));
    const later = log.first({ kind: 'list', sinceMs: 5, healthy: 3 }, 10_000);
    log.add(listed(6, 4));
    log.add(listed(7, 3));
    expect(await later).toBe(7);
  });

  it.each([
    [{ kind: 'register', sinceMs: 11 }, 'no registration within 0.01 s'],
    [{ kind: 'register', sinceMs: 0, resource: 'example.com/b' }, 'no registration of example.com/b within 0.01 s'],
    [{ kind: 'list', sinceMs: 0 }, 'no list of devices within 0.01 s'],
    [{ kind: 'list', sinceMs: 0, minTotal: 5 }, 'no list of at least 5 devices within 0.01 s'],
    [{ kind: 'list', sinceMs: 0, healthy: 3 }, 'no list of 3 healthy devices within 0.01 s'],
  ] as const)('says of %j that it did not come', async (awaited, message) => {
    await expect(logOf(registered).first(awaited, 10)).rejects.toThrow(message);
  });
});
