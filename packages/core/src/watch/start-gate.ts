// SPDX-License-Identifier: Apache-2.0
import { currentScope } from '../plugin-scope.ts';

/**
 * Holds back what a plugin can do without until it is registered: libraries for watching and metrics take some 30 ms of CPU to load,
 * a third of a second under the CPU limits that such pods have, and a node that boots waits for its devices.
 * Of several plugins in one process each shuts and opens it for itself, and it is passed when none is left.
 */
export class StartGate {
  #passed: Promise<void> = Promise.resolve();
  #pass: (() => void) | undefined;
  /** What opens the gate for plugins that have shut it, by their names. */
  readonly #limits = new Map<string | undefined, NodeJS.Timeout>();

  /** Resolves at once unless the gate is shut. */
  get passed(): Promise<void> {
    return this.#passed;
  }

  /** Shuts the gate until {@link open} is called, for at most `limitMs`. */
  shut(limitMs: number): void {
    const plugin = currentScope()?.name;
    if (this.#limits.has(plugin)) return;
    if (this.#pass === undefined) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#passed = promise;
      this.#pass = () => {
        resolve(undefined);
      };
    }
    const limit = setTimeout(() => {
      this.#openFor(plugin);
    }, limitMs);
    this.#limits.set(plugin, limit.unref());
  }

  open(): void {
    this.#openFor(currentScope()?.name);
  }

  #openFor(plugin: string | undefined): void {
    clearTimeout(this.#limits.get(plugin));
    this.#limits.delete(plugin);
    if (this.#limits.size > 0) return;
    this.#pass?.();
    this.#pass = undefined;
  }
}

/** One process starts once. */
export const startGate = new StartGate();
