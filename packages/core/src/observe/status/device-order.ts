// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo, Devices } from '../../device-tree.ts';

/** The devices of a resource in the order for people: unhealthy ones first, then by id, `card2` before `card10`. */
export function inOrder(devices: Devices): (readonly [string, DeviceInfo])[] {
  return [...devices]
    .map((entry) => ({ entry, key: (entry[1].health === 'Unhealthy' ? '0' : '1') + sortable(entry[0]) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ entry }) => entry);
}

/** Numbers of equal length sort by value; an Intl.Collator does the same twenty times slower, which counts for fifty thousand devices. */
function sortable(id: string): string {
  return id.replaceAll(/\d+/g, (digits) => digits.padStart(longestNumber, '0'));
}

const longestNumber = 20;
