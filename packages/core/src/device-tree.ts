// SPDX-License-Identifier: Apache-2.0
import type { CdiDevice } from './cdi/spec.ts';
import { maxDeviceIdLength } from './kubelet-api/constants.ts';
import type { DeviceSpec, Mount, TopologyInfo } from './kubelet-api/deviceplugin.ts';

/** Exactly the two words the kubelet knows. */
export type Health = 'Healthy' | 'Unhealthy';

/** What a container gets when the kubelet allocates this device to it. */
export interface DeviceInfo {
  readonly health: Health;
  /**
   * Why the device is unhealthy, in words for an administrator; without meaning on a healthy one. It goes to the log, to the metrics and to whoever
   * asks for the device in spite of it, not to the kubelet. Each other text is another line in the log: leave out what changes with every scan.
   */
  readonly healthReason?: string;
  /** Device nodes, in the order the container gets them. */
  readonly nodes: readonly DeviceSpec[];
  readonly mounts?: readonly Mount[];
  readonly envs?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** NUMA nodes; leave it out where the host does not know (sysfs says -1). */
  readonly topology?: TopologyInfo;
  /** Container device interface (CDI) devices, whose spec files the manager keeps written. */
  readonly cdiDevices?: readonly CdiDevice[];
}

/** The devices of one resource by their id. */
export type Devices = ReadonlyMap<string, DeviceInfo>;

/** Devices that are not served: resource → id → why not. */
export type LeftOutDevices = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * All devices of a node at one moment: resource → id → what the device gives.
 *
 * A resource is the part behind the namespace ("yellow" in "color.example.com/yellow").
 * One that holds a slash is a full name and stands for itself.
 */
export class DeviceTree {
  readonly #resources = new Map<string, Map<string, DeviceInfo>>();
  /** Those that are part of a snapshot: they do not change any more. */
  readonly #shared = new WeakSet<Devices>();
  readonly #leftOut = new Map<string, Map<string, string>>();

  /**
   * Adds a device, or replaces the one with this id. One whose id {@link deviceIdProblem} objects to is left out: all others are served,
   * and the log tells of it once, the metrics for as long as it is there.
   */
  addDevice(resource: string, id: string, info: DeviceInfo): this {
    const devices = this.#devicesOf(resource);
    const problem = deviceIdProblem(id);
    if (problem === undefined) devices.set(id, info);
    else this.#leaveOut(resource, id, `its id ${problem}`);
    return this;
  }

  /** Keeps a resource registered, with no devices, while there are none. */
  addResource(resource: string): this {
    this.#devicesOf(resource);
    return this;
  }

  /** Number of devices of a resource; 0 when the tree does not have it. */
  deviceTypeCount(resource: string): number {
    return this.#resources.get(resource)?.size ?? 0;
  }

  /** The resources in the order they were added. */
  get resources(): ReadonlyMap<string, Devices> {
    return this.#resources;
  }

  /** The devices that were left out. */
  get leftOut(): LeftOutDevices {
    return this.#leftOut;
  }

  /**
   * The resources as they are now, which do not change with the tree. As long as it does not change either, the devices of a resource
   * are the same object in each snapshot: ten thousand of them are neither copied nor compared.
   */
  snapshot(): ReadonlyMap<string, Devices> {
    for (const devices of this.#resources.values()) this.#shared.add(devices);
    return new Map(this.#resources);
  }

  /** Another tree with what `change` makes of the devices of each resource; what it returns as it is stays the same object. */
  withDevices(change: (resource: string, devices: Devices) => Devices): DeviceTree {
    const tree = new DeviceTree();
    for (const [resource, devices] of this.snapshot()) {
      const changed = change(resource, devices);
      tree.#resources.set(resource, changed as Map<string, DeviceInfo>);
      tree.#shared.add(changed);
    }
    for (const [resource, reasons] of this.#leftOut) tree.#leftOut.set(resource, new Map(reasons));
    return tree;
  }

  #devicesOf(resource: string): Map<string, DeviceInfo> {
    let devices = this.#resources.get(resource);
    if (devices === undefined || this.#shared.has(devices)) {
      devices = new Map(devices);
      this.#resources.set(resource, devices);
    }
    return devices;
  }

  #leaveOut(resource: string, id: string, reason: string): void {
    const reasons = this.#leftOut.get(resource) ?? new Map<string, string>();
    this.#leftOut.set(resource, reasons.set(id, reason));
  }
}

/**
 * Why the kubelet would not take this device id, as the end of a sentence, or undefined when it would.
 * Source: api.proto, Device.ID (at most 63 characters); the kubelet writes ids to its checkpoint and to the API, so control characters are out.
 */
export function deviceIdProblem(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id.length > maxDeviceIdLength)
    return `is ${id.length} characters long; kubelets take at most ${maxDeviceIdLength}`;
  if (!/^[\x21-\x7e]+$/.test(id)) return 'has a character that is not printable ASCII, or a space';
  return undefined;
}

/** A topology of these NUMA nodes, or undefined when there is none: negative numbers mean that the firmware names no node (sysfs-bus-pci, numa_node). */
export function topologyOf(numaNodes: Iterable<number>): TopologyInfo | undefined {
  const known = [...new Set(numaNodes)].filter((node) => node >= 0).sort((a, b) => a - b);
  return known.length === 0 ? undefined : { nodes: known.map((ID) => ({ ID })) };
}
