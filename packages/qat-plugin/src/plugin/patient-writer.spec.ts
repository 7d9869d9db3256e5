// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostWriter } from './host-writer.ts';
import { longWriteMs, patientWriter } from './patient-writer.ts';

const path = '/sys/bus/pci/drivers/4xxxvf/unbind';
const never = new AbortController().signal;
/** A kernel that takes no write. */
const stuck: HostWriter = { write: () => new Promise(() => undefined) };

describe('patientWriter()', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells of a write before it does it', async () => {
    const events: string[] = [];
    const done: HostWriter = { write: (file, text) => Promise.resolve(void events.push(`${file} ${text}`)) };
    await patientWriter(done, never, (file) => events.push(`writing ${file}`)).write(path, 'a');
    expect(events).toEqual([`writing ${path}`, `${path} a`]);
  });

  it('rejects as the kernel does', async () => {
    const refusing: HostWriter = { write: () => Promise.reject(new Error('EBUSY')) };
    await expect(patientWriter(refusing, never, () => undefined).write(path, 'a')).rejects.toThrow('EBUSY');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks at the clock once for a write that takes long, and goes on waiting', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const writing = patientWriter({ write: () => promise }, never, () => undefined).write(path, 'a');
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(10 * longWriteMs);
    expect(vi.getTimerCount()).toBe(0);
    resolve(undefined);
    await expect(writing).resolves.toBeUndefined();
  });

  it('waits no longer when it is stopped, and begins nothing then', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const writer = patientWriter(stuck, stop.signal, (file) => told.push(file));
    const outcome = expect(writer.write(path, 'a')).rejects.toMatchObject({
      code: 'HOST_UNWRITABLE',
      message: `stopped by a signal, not waiting for ${path}`,
    });
    stop.abort();
    await outcome;
    await expect(writer.write(path, 'b')).rejects.toThrow('stopped by a signal');
    expect(told).toEqual([path]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
