// SPDX-License-Identifier: Apache-2.0

/**
 * Holds back what a plugin can do without until it is registered: libraries for watching and metrics take some 30 ms of CPU to load,
 * a third of a second under the CPU limits that such pods have, and a node that boots waits for its devices.
 */
export class StartGate {
  #passed: Promise<void> = Promise.resolve();
  #open: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Resolves at once unless the gate is shut. */
  get passed(): Promise<void> {
    return this.#passed;
  }

  /** Shuts the gate until {@link open} is called, for at most `limitMs`. */
  shut(limitMs: number): void {
    if (this.#open !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#passed = promise;
    this.#open = () => {
      resolve(undefined);
    };
    this.#timer = setTimeout(() => {
      this.open();
    }, limitMs);
    this.#timer.unref();
  }

  open(): void {
    clearTimeout(this.#timer);
    this.#open?.();
    this.#open = undefined;
  }
}

/** One process starts once. */
export const startGate = new StartGate();
