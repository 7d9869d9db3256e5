// SPDX-License-Identifier: Apache-2.0
import { healthy, type deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/** What the kubelet knows of the devices of one resource. Upstream: pkg/kubelet/cm/devicemanager/manager.go, ManagerImpl. */
export interface DeviceInventory {
  readonly devices: ReadonlyMap<string, deviceplugin.Device>;
  readonly healthy: ReadonlySet<string>;
  readonly unhealthy: ReadonlySet<string>;
}

/** Of a resource whose plugin has not listed anything. */
export const emptyInventory: DeviceInventory = { devices: new Map(), healthy: new Set(), unhealthy: new Set() };

/**
 * The inventory after a list: made from this list alone, healthy being exactly the word "Healthy".
 * An id that is listed twice with different health is in both sets and so counts twice in the capacity, as in the kubelet.
 */
export function inventoryOf(list: readonly deviceplugin.Device[]): DeviceInventory {
  const idsWhere = (isHealthy: boolean): ReadonlySet<string> =>
    new Set(list.filter((device) => (device.health === healthy) === isHealthy).map((device) => device.ID));
  return {
    devices: new Map(list.map((device) => [device.ID, device])),
    healthy: idsWhere(true),
    unhealthy: idsWhere(false),
  };
}

/** The inventory after the plugin is gone: nothing can be allocated, the capacity stays. */
export function withoutHealthy(inventory: DeviceInventory): DeviceInventory {
  return {
    devices: inventory.devices,
    healthy: new Set(),
    unhealthy: new Set([...inventory.unhealthy, ...inventory.healthy]),
  };
}

/** Devices that the node status counts as capacity. */
export function capacityOf(inventory: DeviceInventory): number {
  return inventory.healthy.size + inventory.unhealthy.size;
}

/** Devices that the node status counts as allocatable. */
export function allocatableOf(inventory: DeviceInventory): number {
  return inventory.healthy.size;
}
