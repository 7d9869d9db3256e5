// SPDX-License-Identifier: Apache-2.0
import { byCardThenShare, parseShare, type Share } from './allocation-policy/share.ts';

/** Which cards of a node a container gets. */
export type AllocationPolicy = 'none' | 'balanced' | 'packed';

/** What the kubelet asks for one container. */
export interface AllocationWish {
  readonly available: readonly string[];
  /** Some of them, which have to be in the answer. */
  readonly mustInclude: readonly string[];
  readonly size: number;
}

/**
 * The ids to take, those that have to be taken first; empty, which leaves it to the kubelet, for a wish that cannot be met.
 *
 * - `none`: shares of different cards as far as there are any, in the order in which the kubelet names them.
 * - `balanced`: each from the card that has the most shares left.
 * - `packed`: all shares of one card before those of the next, beginning with the cards that have to be taken from.
 */
export function preferredIds(policy: AllocationPolicy, { available, mustInclude, size }: AllocationWish): string[] {
  const ids = new Set(available);
  const must = [...new Set(mustInclude)];
  if (size > ids.size || must.length > size || must.some((id) => !ids.has(id))) return [];
  const chosen = must.map(parseShare);
  const free = [...ids].filter((id) => !must.includes(id)).map(parseShare);
  const order = { none: differentCards, balanced: fullestCards, packed: oneCardAfterAnother }[policy];
  return [...chosen, ...order(free, chosen, size - chosen.length)].map(({ id }) => id);
}

function differentCards(free: readonly Share[], chosen: readonly Share[], count: number): readonly Share[] {
  const used = new Set(chosen.map(({ card }) => card));
  const [first, second]: [Share[], Share[]] = [[], []];
  for (const share of free) {
    (used.has(share.card) ? second : first).push(share);
    used.add(share.card);
  }
  return [...first, ...second].slice(0, count);
}

function fullestCards(free: readonly Share[], _chosen: readonly Share[], count: number): readonly Share[] {
  // Of cards with equally many shares left the first one is taken, so they are sorted.
  const cards = [...Map.groupBy(free.toSorted(byCardThenShare), ({ card }) => card).values()];
  return Array.from({ length: count }, () => {
    const fullest = cards.reduce((most, card) => (card.length > most.length ? card : most));
    return fullest.shift();
  }).filter((share) => share !== undefined);
}

function oneCardAfterAnother(free: readonly Share[], chosen: readonly Share[], count: number): readonly Share[] {
  const begun = new Set(chosen.map(({ card }) => card));
  const sorted = free.toSorted(byCardThenShare);
  return [...sorted.filter(({ card }) => begun.has(card)), ...sorted.filter(({ card }) => !begun.has(card))].slice(
    0,
    count,
  );
}
