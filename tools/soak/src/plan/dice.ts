// SPDX-License-Identifier: Apache-2.0
import type { SeededRandom } from '@kube-device-plugins/testkit';

/** A whole number from `least` to `most`. */
export function between(random: SeededRandom, least: number, most: number): number {
  return least + Math.floor(random.next() * (most - least + 1));
}

/** @throws RangeError when there is nothing to choose from. */
export function oneOf<Item>(random: SeededRandom, items: readonly Item[]): Item {
  const item = items[between(random, 0, items.length - 1)];
  if (item === undefined) throw new RangeError('there is nothing to choose from');
  return item;
}
