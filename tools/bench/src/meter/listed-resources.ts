// SPDX-License-Identifier: Apache-2.0
import { clockMs } from './clock.ts';

/** How many resources have come, and what it took. */
export interface ResourceFigures {
  /** The moment at which the last of them had listed its devices. */
  readonly lastAtMs: number;
  /** Calls of Register; more than resources when some had to try again. */
  readonly registrations: number;
  /** CPU of the meter since it opened the directory. */
  readonly meterCpuMs: number;
}

/** Counts the resources whose devices are known. */
export class ListedResources {
  readonly #names = new Set<string>();
  readonly #cpu = process.cpuUsage();
  readonly #waiting = new Set<() => void>();
  #registrations = 0;
  #lastAtMs = 0;

  registered(): void {
    this.#registrations += 1;
  }

  listed(resource: string): void {
    if (this.#names.has(resource)) return;
    this.#names.add(resource);
    this.#lastAtMs = clockMs();
    for (const look of [...this.#waiting]) look();
  }

  /** @throws Error when fewer than `count` have come in time. */
  async reached(count: number, timeoutMs: number): Promise<ResourceFigures> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (this.#names.size >= count) resolve(undefined);
    };
    const timer = setTimeout(() => {
      reject(new Error(`${this.#names.size} of ${count} resources within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    this.#waiting.add(look);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      lastAtMs: this.#lastAtMs,
      registrations: this.#registrations,
      meterCpuMs: (user + system) / 1000,
    };
  }
}
