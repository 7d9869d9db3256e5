// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { aborted, childController, pause, settled, isSettled } from './abortable.ts';

describe('pause()', () => {
  it('waits', async () => {
    const startMs = performance.now();
    await pause(30, new AbortController().signal);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(25);
  });

  it('ends when the signal aborts, also before', async () => {
    const controller = new AbortController();
    const pausing = pause(1e6, controller.signal);
    controller.abort();
    await expect(pausing).resolves.toBeUndefined();
    await expect(pause(1e6, controller.signal)).resolves.toBeUndefined();
  });
});

describe('aborted()', () => {
  it('resolves when the signal aborts, also before', async () => {
    const controller = new AbortController();
    const waiting = aborted(controller.signal);
    controller.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(aborted(controller.signal)).resolves.toBeUndefined();
  });
});

describe('childController()', () => {
  it('aborts with its parent, not the other way round', () => {
    const parent = new AbortController();
    const first = childController(parent.signal);
    const second = childController(parent.signal);
    first.controller.abort();
    expect([parent.signal.aborted, second.controller.signal.aborted]).toEqual([false, false]);
    parent.abort();
    expect(second.controller.signal.aborted).toBe(true);
    expect(childController(parent.signal).controller.signal.aborted).toBe(true);
  });

  it('leaves no trace on its parent once it is released', () => {
    const parent = new AbortController();
    const { controller, release } = childController(parent.signal);
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(1);
    release();
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
    parent.abort();
    expect(controller.signal.aborted).toBe(false);
  });
});

describe('settled()', () => {
  it('resolves when it is done or aborted, undoes in both cases and leaves no trace on the signal', async () => {
    const controller = new AbortController();
    const undone: string[] = [];
    let done = (): void => undefined;
    const first = settled(controller.signal, (callback) => {
      done = callback;
      return () => undone.push('first');
    });
    done();
    await first;
    expect([undone, getEventListeners(controller.signal, 'abort')]).toEqual([['first'], []]);
    const second = settled(controller.signal, () => () => undone.push('second'));
    controller.abort();
    await second;
    expect(undone).toEqual(['first', 'second']);
    await settled(controller.signal, () => {
      throw new Error('does not start any more');
    });
  });
});

describe('isSettled()', () => {
  it('knows at once of what resolves or rejects, and after the time of what does neither', async () => {
    await expect(isSettled(Promise.resolve(), 60_000)).resolves.toBe(true);
    await expect(isSettled(Promise.reject(new Error('no')), 60_000)).resolves.toBe(true);
    await expect(isSettled(Promise.withResolvers().promise, 10)).resolves.toBe(false);
  });
});
