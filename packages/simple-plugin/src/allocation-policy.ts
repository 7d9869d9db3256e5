// SPDX-License-Identifier: Apache-2.0
import { deviceOfShare } from './device-tree/device-id.ts';

/** What a container asks for, among the devices that are free. */
export interface SharesRequest {
  readonly available: readonly string[];
  /** Part of what is available, and of the answer. */
  readonly mustInclude: readonly string[];
  /** Number of ids, those that must be included counted. */
  readonly size: number;
}

/**
 * Chooses shares of as many different devices as there are, since two shares of one device are one device to a container. Of those that
 * are equal in this, it takes the one with more free shares, so that containers spread as well, and then the one whose id comes first,
 * numbers by their value. The order of the request does not matter.
 *
 * @returns nothing where it cannot be done: the kubelet chooses then.
 */
export function preferShares({ available, mustInclude, size }: SharesRequest): string[] {
  const chosen = new Set(mustInclude);
  const free = [...new Set(available).difference(chosen)].sort(byId());
  if (chosen.size > size || chosen.size + free.length < size) return [];
  const freeShares = Map.groupBy(free, deviceOfShare);
  const takenShares = Map.groupBy(chosen, deviceOfShare);
  const ranked = [...freeShares].flatMap(([device, shares]) => {
    const taken = takenShares.get(device)?.length ?? 0;
    return shares.map((id, index) => ({ id, round: taken + index, weight: shares.length }));
  });
  // A stable sort: what is equal here stays in the order of the ids.
  ranked.sort((a, b) => a.round - b.round || b.weight - a.weight);
  return [...chosen, ...ranked.slice(0, size - chosen.size).map(({ id }) => id)];
}

function byId(): (a: string, b: string) => number {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return (a, b) => compare(a, b) || (a < b ? -1 : 1);
}
