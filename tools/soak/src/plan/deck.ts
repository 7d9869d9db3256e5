// SPDX-License-Identifier: Apache-2.0
import type { SeededRandom } from '@kube-device-plugins/testkit';

/** Deals cards in random order, each one before any comes again: no kind of fault is left to luck. */
export class Deck<Card> {
  readonly #cards: readonly Card[];
  readonly #random: SeededRandom;
  #left: Card[] = [];

  constructor(cards: readonly Card[], random: SeededRandom) {
    this.#cards = cards;
    this.#random = random;
  }

  /** @throws RangeError when there is no card at all. */
  deal(): Card {
    if (this.#left.length === 0) this.#left = this.#random.shuffle(this.#cards);
    const card = this.#left.pop();
    if (card === undefined) throw new RangeError('there is no card to deal');
    return card;
  }
}
