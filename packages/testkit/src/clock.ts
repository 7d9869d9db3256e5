// SPDX-License-Identifier: Apache-2.0

/** What the kubelet's long waits go by: the grace period of a lost plugin, the pauses of the plugin watcher. */
export interface Clock {
  /** Milliseconds since any moment; never goes back. */
  now(): number;
  /** Calls `callback` once, after `ms`, unless the function that this returns is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** Real time. Its timers do not keep a process alive. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  readonly #timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + ms, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on, and calls what becomes due on the way, each at its time and before this returns. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#nextUntil(untilMs); next !== undefined; next = this.#nextUntil(untilMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  #nextUntil(untilMs: number): { readonly dueMs: number; readonly callback: () => void } | undefined {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs);
    return due.sort((a, b) => a.dueMs - b.dueMs)[0];
  }
}
