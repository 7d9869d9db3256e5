// SPDX-License-Identifier: Apache-2.0

/** Those who want to hear of events of one type. */
export class Subscribers<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Calls `listener` for each event from now on, until the function that this returns is called. */
  subscribe(listener: (event: Event) => void): () => void {
    // A subscription is one of its own even when the same function subscribes twice.
    const own = (event: Event): void => {
      listener(event);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: Event): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /**
   * Resolves with what `probe` finds, now or after one of the next events; rejects with a {@link WaitTimeoutError} after `timeoutMs`,
   * and with what `probe` throws.
   */
  async waitUntil<T>(probe: () => T | undefined, timeoutMs: number, describeFailure: () => string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = (): void => {
      try {
        const found = probe();
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    const unsubscribe = this.subscribe(look);
    const timer = setTimeout(() => {
      reject(new WaitTimeoutError(`${describeFailure()} (waited ${timeoutMs} ms)`));
    }, timeoutMs);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }
}

/** What was waited for has not come; the message shows what was there instead. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError';
}
