// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
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
export interface ResourceRecord {
  /** Nothing before the first list, and when the resource is forgotten. */
  readonly inventory: DeviceInventory | undefined;
  /** The last one that registered; nothing after a restart. */
  readonly endpoint: PluginEndpoint | undefined;
  /** 'forgotten' without any plugin: neither one that registered, nor one that a checkpoint remembers. */
  readonly state: ResourceView['state'];
  /** Whether the status of the node has it; it never loses it. */
  readonly isReported: boolean;
}

const unknownResource: ResourceRecord = {
  inventory: undefined,
  endpoint: undefined,
  state: 'forgotten',
  isReported: false,
};

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
    this.#change(endpoint.resource, { endpoint, state: 'connected' });
  }

  /** Whoever sends it, the last list counts. */
  listed(resource: string, devices: readonly deviceplugin.Device[]): void {
    this.#change(resource, { inventory: inventoryOf(devices), isReported: true });
  }

  /** With a `socketPath`, only while that is the one which serves the resource. Returns whether it is disconnected now. */
  disconnected(resource: string, socketPath?: string): boolean {
    const { inventory, endpoint } = this.record(resource);
    if (socketPath !== undefined && socketPath !== endpoint?.socketPath) return false;
    const remaining = withoutHealthy(inventory ?? emptyInventory);
    this.#change(resource, { inventory: remaining, state: 'disconnected', isReported: true });
    return true;
  }

  /** The grace period is over. The status of the node keeps the resource, with nothing of it. */
  forgotten(resource: string): void {
    this.#change(resource, { inventory: undefined, endpoint: undefined, state: 'forgotten' });
  }

  /** What is known once the kubelet is gone: what the status of the node has. */
  stopped(): void {
    for (const [resource, { isReported }] of this.#records) {
      const inventory = isReported ? emptyInventory : undefined;
      this.#records.set(resource, { inventory, endpoint: undefined, state: 'disconnected', isReported });
    }
  }

  /** What a kubelet knows when it starts: the names in its checkpoint, and of those nothing until the plugins register again. */
  started(resources: Iterable<string>): void {
    for (const resource of this.#records.keys()) this.forgotten(resource);
    for (const resource of resources) {
      this.#change(resource, { inventory: emptyInventory, state: 'disconnected', isReported: true });
    }
  }

  record(resource: string): ResourceRecord {
    return this.#records.get(resource) ?? unknownResource;
  }

  /** Resource → ids of its healthy devices, of each that the kubelet knows. */
  healthyIds(): Readonly<Record<string, readonly string[]>> {
    const known = [...this.#records].flatMap(([resource, { inventory }]) =>
      inventory === undefined ? [] : [[resource, [...inventory.healthy]] as const],
    );
    return Object.fromEntries(known);
  }

  /** By name; `holders` says who holds the devices of a resource. */
  views(holders: (resource: string) => ReadonlyMap<string, DeviceView['holder']>): ReadonlyMap<string, ResourceView> {
    const names = [...this.#records.keys()].sort();
    return new Map(names.map((resource) => [resource, this.#view(resource, holders(resource))]));
  }

  #view(resource: string, holders: ReadonlyMap<string, DeviceView['holder']>): ResourceView {
    const { inventory = emptyInventory, endpoint, state, isReported } = this.record(resource);
    return {
      resource,
      state,
      isReported,
      capacity: capacityOf(inventory),
      allocatable: allocatableOf(inventory),
      devices: deviceViews(inventory, holders),
      endpoint: endpoint?.endpoint,
      socketPath: endpoint?.socketPath,
      options: endpoint?.options,
      registrations: this.registrations(resource),
    };
  }

  #change(resource: string, change: Partial<ResourceRecord>): void {
    this.#records.set(resource, { ...this.record(resource), ...change });
  }
}

function deviceViews(inventory: DeviceInventory, holders: ReadonlyMap<string, DeviceView['holder']>): DeviceView[] {
  return [...inventory.devices.values()]
    .map(({ ID, topology }) => ({
      id: ID,
      health: inventory.healthy.has(ID) ? ('Healthy' as const) : ('Unhealthy' as const),
      numaNodes: topology?.nodes.map((node) => node.ID) ?? [],
      holder: holders.get(ID),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
