// SPDX-License-Identifier: Apache-2.0
import { boundToScope } from '../plugin-scope.ts';

/** Waits, at most until `signal` aborts. Never rejects and does not keep the process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await settled(signal, (done) => {
    const timer = setTimeout(done, ms).unref();
    return () => {
      clearTimeout(timer);
    };
  });
}

/** Resolves once `signal` has aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  await settled(signal, () => () => undefined);
}

/**
 * A controller that aborts with `parent`. Call `release` when done: unlike AbortSignal.any() it then leaves no trace on a parent that lives for months.
 */
export function childController(parent: AbortSignal): {
  readonly controller: AbortController;
  readonly release: () => void;
} {
  const controller = new AbortController();
  // Listeners run at once, and for whoever aborts: they are to run for the plugin that they are of.
  const abort = boundToScope(() => {
    controller.abort();
  });
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return {
    controller,
    release: () => {
      parent.removeEventListener('abort', abort);
    },
  };
}

/** Resolves when `start` calls back or `signal` aborts; then undoes what `start` returned. */
export async function settled(signal: AbortSignal, start: (done: () => void) => () => unknown): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = (): void => {
    resolve(undefined);
  };
  signal.addEventListener('abort', done, { once: true });
  const undo = start(done);
  await promise;
  undo();
  signal.removeEventListener('abort', done);
}

/** Whether `promise` settles within so many milliseconds; resolves as soon as that is known, and never rejects. */
export async function isSettled(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, timeoutMs, false);
  const settledFirst = promise.then(
    () => true,
    () => true,
  );
  const isInTime = await Promise.race([settledFirst, timeout]);
  clearTimeout(timer);
  return isInTime;
}
