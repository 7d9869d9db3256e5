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
  return {
    added: idsOf(after, (id) => !before.has(id)),
    removed: idsOf(before, (id) => !after.has(id)),
    recovered: idsOf(after, (id, { health }) => health === 'Healthy' && before.get(id)?.health === 'Unhealthy'),
    failed: idsOf(after, (id, device) => device.health === 'Unhealthy' && !isSameFailure(before.get(id), device)),
  };
}

function idsOf(devices: Devices, isMeant: (id: string, device: DeviceInfo) => boolean): string[] {
  const ids: string[] = [];
  for (const [id, device] of devices) if (isMeant(id, device)) ids.push(id);
  return ids.sort();
}

function isSameFailure(before: DeviceInfo | undefined, now: DeviceInfo): boolean {
  return before?.health === 'Unhealthy' && before.healthReason === now.healthReason;
}
