// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { Assignment } from './assignments.ts';
import {
  allocatableOf,
  capacityOf,
  type DeviceInventory,
  emptyInventory,
  inventoryOf,
  withoutHealthy,
} from './device-inventory.ts';
import type { PluginEndpoint } from './plugin-endpoint.ts';
import type { DeviceView, ResourceView } from './resource-view.ts';

/** What the kubelet knows of one resource. */
interface ResourceRecord {
  /** Nothing before the first list. */
  readonly inventory: DeviceInventory | undefined;
  /** The last one that registered; nothing after a restart. */
  readonly endpoint: PluginEndpoint | undefined;
  readonly isStopped: boolean;
}

const unknownResource: ResourceRecord = { inventory: undefined, endpoint: undefined, isStopped: true };

/** Inventory and endpoint of each resource. Upstream: pkg/kubelet/cm/devicemanager/manager.go, ManagerImpl. */
export class ResourceTable {
  readonly #records = new Map<string, ResourceRecord>();
  readonly #registrations = new Map<string, number>();

  countRegistration(resource: string): void {
    this.#registrations.set(resource, this.registrations(resource) + 1);
  }

  registrations(resource: string): number {
    return this.#registrations.get(resource) ?? 0;
  }

  /** The new endpoint replaces the old one; what was listed stays until the new one lists. */
  connected(endpoint: PluginEndpoint): void {
    this.#change(endpoint.resource, { endpoint, isStopped: false });
  }

  /** Whoever sends it, the last list counts. */
  listed(resource: string, devices: readonly deviceplugin.Device[]): void {
    this.#change(resource, { inventory: inventoryOf(devices) });
  }

  /** With a `socketPath`, only while that is the one which serves the resource. */
  disconnected(resource: string, socketPath?: string): void {
    const { inventory, endpoint } = this.record(resource);
    if (socketPath !== undefined && socketPath !== endpoint?.socketPath) return;
    this.#change(resource, { inventory: withoutHealthy(inventory ?? emptyInventory), isStopped: true });
  }

  /** What a kubelet knows after a restart: the names, until the plugins register again. */
  restart(): void {
    for (const resource of this.#records.keys()) {
      this.#records.set(resource, { inventory: emptyInventory, endpoint: undefined, isStopped: true });
    }
  }

  record(resource: string): ResourceRecord {
    return this.#records.get(resource) ?? unknownResource;
  }

  /** By name; `holders` says who holds the devices of a resource. */
  views(holders: (resource: string) => ReadonlyMap<string, Assignment>): ReadonlyMap<string, ResourceView> {
    const names = [...this.#records.keys()].sort();
    return new Map(names.map((resource) => [resource, this.#view(resource, holders(resource))]));
  }

  #view(resource: string, holders: ReadonlyMap<string, Assignment>): ResourceView {
    const { inventory, endpoint, isStopped } = this.record(resource);
    const known = inventory ?? emptyInventory;
    return {
      resource,
      state: isStopped ? 'disconnected' : 'connected',
      isReported: inventory !== undefined,
      capacity: capacityOf(known),
      allocatable: allocatableOf(known),
      devices: deviceViews(known, holders),
      endpoint: endpoint?.endpoint,
      options: endpoint?.options,
      registrations: this.registrations(resource),
    };
  }

  #change(resource: string, change: Partial<ResourceRecord>): void {
    this.#records.set(resource, { ...this.record(resource), ...change });
  }
}

function deviceViews(inventory: DeviceInventory, holders: ReadonlyMap<string, Assignment>): DeviceView[] {
  return [...inventory.devices.values()]
    .map(({ ID, topology }) => {
      const holder = holders.get(ID);
      return {
        id: ID,
        health: inventory.healthy.has(ID) ? ('Healthy' as const) : ('Unhealthy' as const),
        numaNodes: topology?.nodes.map((node) => node.ID) ?? [],
        holder: holder && { pod: holder.pod, container: holder.container },
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
