// SPDX-License-Identifier: Apache-2.0

/** Tells when more than a number of events come within one second. */
export class NoiseGate {
  readonly #maxPerSecond: number;
  #count = 0;
  #secondStartMs = -Infinity;

  constructor(maxPerSecond: number) {
    this.#maxPerSecond = maxPerSecond;
  }

  /** Counts an event at `nowMs`; true when it is one too many. */
  isTooMuch(nowMs: number): boolean {
    if (nowMs - this.#secondStartMs >= 1_000) {
      this.#secondStartMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count > this.#maxPerSecond;
  }
}
