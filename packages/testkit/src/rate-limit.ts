// SPDX-License-Identifier: Apache-2.0
import type { Clock } from './clock.ts';

/** Lets through `burst` calls at once, and then `perSecond`. Upstream: golang.org/x/time/rate, a token bucket. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = clock.now();
  }

  /** Whether this call may go through; counts it if so. */
  allows(): boolean {
    const nowMs = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) * this.#perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
