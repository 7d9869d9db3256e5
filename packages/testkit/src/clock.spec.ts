// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ManualClock, realClock } from './clock.ts';

describe('ManualClock', () => {
  it('stands still until it is moved', () => {
    const clock = new ManualClock();
    const called: string[] = [];
    clock.after(10, () => called.push('ten'));
    clock.after(5, () => called.push(`five at ${clock.now()}`));
    clock.after(11, () => called.push('never'));
    expect(called).toEqual([]);
    clock.advance(4);
    expect(called).toEqual([]);
    clock.advance(6);
    expect(called).toEqual(['five at 5', 'ten']);
    expect(clock.now()).toBe(10);
    expect(clock.pending).toBe(1);
  });

  it('calls what is set while it moves, as far as that becomes due', () => {
    const clock = new ManualClock();
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.after(10, tick);
    };
    tick();
    clock.advance(35);
    expect(ticks).toBe(4);
    expect(clock.now()).toBe(35);
  });

  it('forgets what is cancelled', () => {
    const clock = new ManualClock();
    const cancel = clock.after(1, () => {
      throw new Error('called');
    });
    cancel();
    cancel();
    clock.advance(1);
    expect(clock.pending).toBe(0);
  });
});

describe('realClock', () => {
  it('goes by itself, and only forward', async () => {
    const before = realClock.now();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    realClock.after(1, () => {
      throw new Error('called');
    })();
    realClock.after(2, () => resolve(undefined));
    // The clock's own timer does not keep the process alive.
    const alive = setInterval(() => undefined, 1000);
    await promise;
    clearInterval(alive);
    expect(realClock.now()).toBeGreaterThan(before);
  });
});
