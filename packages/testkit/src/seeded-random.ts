// SPDX-License-Identifier: Apache-2.0

/** Chance that repeats: the same seed gives the same sequence. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    // Zero is the one state that xorshift never leaves.
    this.#state = seed | 0 || 0x9e3779b9;
  }

  /** A number in [0, 1). Source: Marsaglia, "Xorshift RNGs" (2003), the 32-bit triple 13, 17, 5. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) / 2 ** 32;
  }

  /** The items in a new order. */
  shuffle<T>(items: Iterable<T>): T[] {
    return Array.from(items, (item) => ({ item, place: this.next() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }
}
