// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { StartError } from './start-error.ts';
import { within } from './within.ts';

const never = new Promise<never>(() => undefined);
const late = () => 'too late';

describe('within()', () => {
  it('gives what the promise gives', async () => {
    expect(await within(Promise.resolve(7), 10_000, late, new AbortController().signal)).toBe(7);
  });

  it('rejects with what the promise rejects with', async () => {
    const failure = new Error('no');
    await expect(within(Promise.reject(failure), 10_000, late, new AbortController().signal)).rejects.toBe(failure);
  });

  it('rejects in words when the time is over', async () => {
    const waiting = within(never, 1, late, new AbortController().signal);
    await expect(waiting).rejects.toThrow(new StartError('too late'));
  });

  it('rejects with the reason of an abort, before and while it waits', async () => {
    const reason = new Error('enough');
    await expect(within(never, 10_000, late, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stopping = new AbortController();
    const waiting = within(never, 10_000, late, stopping.signal);
    stopping.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
