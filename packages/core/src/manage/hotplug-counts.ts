// SPDX-License-Identifier: Apache-2.0
import type { Devices } from '../device-tree.ts';

/** How many devices came and went between two lists; the first list is an inventory, not an event. */
export function hotplugCounts(
  before: Devices | undefined,
  after: Devices,
): { readonly added: number; readonly removed: number } {
  if (before === undefined) return { added: 0, removed: 0 };
  return { added: missingFrom(before, after), removed: missingFrom(after, before) };
}

function missingFrom(known: Devices, devices: Devices): number {
  return [...devices.keys()].filter((id) => !known.has(id)).length;
}
