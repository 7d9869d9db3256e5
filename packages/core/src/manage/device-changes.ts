// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo, Devices } from '../device-tree.ts';

/** What became of the devices of one resource: ids, sorted. */
export interface DeviceChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Unhealthy before, healthy now. */
  readonly recovered: readonly string[];
  /** Unhealthy now, and not before or for another reason; a device may be new and unhealthy at once. */
  readonly failed: readonly string[];
}

/** Compares two lists of the devices of one resource. */
export function deviceChanges(before: Devices, after: Devices): DeviceChanges {
  const added: string[] = [];
  const recovered: string[] = [];
  const failed: string[] = [];
  for (const [id, device] of after) {
    const last = before.get(id);
    if (last === device) continue;
    if (last === undefined) added.push(id);
    if (device.health === 'Unhealthy' && !isSameFailure(last, device)) failed.push(id);
    if (device.health === 'Healthy' && last?.health === 'Unhealthy') recovered.push(id);
  }
  const removed = [...before.keys()].filter((id) => !after.has(id));
  return { added: added.sort(), removed: removed.sort(), recovered: recovered.sort(), failed: failed.sort() };
}

function isSameFailure(before: DeviceInfo | undefined, now: DeviceInfo): boolean {
  return before?.health === 'Unhealthy' && before.healthReason === now.healthReason;
}
