// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Subscribers, WaitTimeoutError } from './subscribers.ts';

describe('Subscribers', () => {
  it('calls each subscription until it ends', () => {
    const events = new Subscribers<number>();
    const heard: number[] = [];
    const listener = (event: number) => void heard.push(event);
    const [first, second] = [events.subscribe(listener), events.subscribe(listener)];
    events.emit(1);
    first();
    first();
    events.emit(2);
    second();
    events.emit(3);
    expect(heard).toEqual([1, 1, 2]);
  });

  it('finds what is there already', async () => {
    expect(
      await new Subscribers<number>().waitUntil(
        () => 'there',
        0,
        () => '',
      ),
    ).toBe('there');
  });

  it('looks again after each event', async () => {
    const events = new Subscribers<number>();
    let state = 0;
    const found = events.waitUntil(
      () => (state > 1 ? state : undefined),
      10_000,
      () => '',
    );
    for (state = 1; state < 4; state += 1) events.emit(state);
    expect(await found).toBe(2);
  });

  it('says what was there instead when the time is up', async () => {
    const waiting = new Subscribers<number>().waitUntil(
      () => undefined,
      5,
      () => 'expected 2, found 1',
    );
    await expect(waiting).rejects.toThrow(new WaitTimeoutError('expected 2, found 1 (waited 5 ms)'));
  });

  it('rejects with what the probe throws', async () => {
    const probe = () => {
      throw new Error('odd');
    };
    await expect(new Subscribers<number>().waitUntil(probe, 10_000, () => '')).rejects.toThrow('odd');
  });
});
