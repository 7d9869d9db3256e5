// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { dial } from './dial.ts';

const settings = { authority: 'localhost', maxMessageBytes: 1024 };

describe('dial()', () => {
  it('gives up when its time is over', async () => {
    const dialing = dial('/nowhere/plugin.sock', settings, 50, new AbortController().signal);
    await expect(dialing).rejects.toThrow('context deadline exceeded');
  });

  it('gives up when it is to end, before or while it waits', async () => {
    await expect(dial('/nowhere/plugin.sock', settings, 60_000, AbortSignal.abort())).rejects.toThrow('was closed');
    const stop = new AbortController();
    const dialing = expect(dial('/nowhere/plugin.sock', settings, 60_000, stop.signal)).rejects.toThrow('was closed');
    stop.abort();
    await dialing;
  });
});
