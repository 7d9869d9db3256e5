// SPDX-License-Identifier: Apache-2.0

/** How much may happen at once, and how much in the long run. */
export interface TokenRate {
  readonly burst: number;
  /** Milliseconds until a token that was taken is there again. */
  readonly periodMs: number;
}

/** Lets a burst through, and after it one a period. */
export class TokenBucket {
  readonly #rate: TokenRate;
  #fullAtMs = -Infinity;

  constructor(rate: TokenRate) {
    this.#rate = rate;
  }

  /**
   * Takes a token and returns 0, or returns in how many milliseconds there is one to take.
   *
   * @param nowMs - of a clock that never goes back.
   */
  take(nowMs: number): number {
    const { burst, periodMs } = this.#rate;
    const waitMs = this.#fullAtMs - nowMs - (burst - 1) * periodMs;
    if (waitMs > 0) return waitMs;
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + periodMs;
    return 0;
  }
}
