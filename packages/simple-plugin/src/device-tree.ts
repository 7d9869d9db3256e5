// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type DeviceInfo, type Health } from '@kube-device-plugins/core';
import { deviceId, shareIds, shareSuffixLength } from './device-tree/device-id.ts';
import type { SimulatedState } from './device-tree/simulated-state.ts';
import type { SimpleOptions } from './options.ts';
import { simulatedId, type SimulatedResource } from './options/simulated-resource.ts';
import type { FoundDevice, FoundResource } from './sysfs.ts';

/**
 * Publishes what was found on the host, and the simulated resources.
 *
 * A resource that nothing was found for stays, with no devices; a device that is named but cannot be had is Unhealthy.
 *
 * @param states - of the simulated resources by their names.
 */
export function deviceTree(
  found: readonly FoundResource[],
  { simulatedResources, nodeName }: Pick<SimpleOptions, 'simulatedResources' | 'nodeName'>,
  states: ReadonlyMap<string, SimulatedState>,
): DeviceTree {
  const tree = new DeviceTree();
  for (const resource of found) addHostResource(tree, resource);
  for (const resource of simulatedResources) {
    addSimulatedResource(tree, resource, nodeName, states.get(resource.resourceName)?.devices ?? new Map());
  }
  return tree;
}

/** The longest id that a kubelet takes. Source: api.proto, Device.ID. */
const maxIdLength = 63;

function addHostResource(tree: DeviceTree, { name, devices }: FoundResource): void {
  tree.addResource(name);
  for (const device of devices) {
    const { count } = device;
    const info = hostDevice(device);
    // All shares give the same nodes, and a container that has several of them gets each node once.
    const id = deviceId(device.name, maxIdLength - shareSuffixLength(count));
    for (const shareId of shareIds(id, count)) tree.addDevice(name, shareId, info);
  }
}

function hostDevice({ name, nodes, mounts, problem, topology }: FoundDevice): DeviceInfo {
  // That of a device with several parts names the part.
  const reason = problem === undefined || name.length > 1 ? problem : `${name.join()} ${problem}`;
  return {
    ...healthOf(reason),
    nodes: nodes.map(({ containerPath, hostPath, permissions }) => ({ containerPath, hostPath, permissions })),
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(topology === undefined ? {} : { topology }),
  };
}

function healthOf(reason: string | undefined): Pick<DeviceInfo, 'health' | 'healthReason'> {
  return reason === undefined ? { health: 'Healthy' } : { health: 'Unhealthy', healthReason: reason };
}

function addSimulatedResource(
  tree: DeviceTree,
  resource: SimulatedResource,
  nodeName: string,
  devices: ReadonlyMap<number, string | undefined>,
): void {
  tree.addResource(resource.resourceName);
  for (const [index, problem] of devices) {
    const id = simulatedId(resource, nodeName, index);
    tree.addDevice(resource.resourceName, id, new SimulatedDevice(resource, id, index, problem));
  }
}

/**
 * What the simulator's Allocate gives for one device, made when it is asked for: the variable of each device has a name of its own, and
 * ten thousand objects of which no two have the same keys would take longer to make and to collect than all else.
 *
 * Two of them are equal when their own properties are, so all of these are visible.
 * Upstream: yevgeny-shnaidman/simple-device-plugin, whose README names devices by index where its code takes the id: both are a value style.
 */
class SimulatedDevice implements DeviceInfo {
  readonly resource: SimulatedResource;
  readonly id: string;
  readonly index: number;
  readonly healthReason?: string;

  /** @param problem - absent for a device that is healthy. */
  constructor(resource: SimulatedResource, id: string, index: number, problem: string | undefined) {
    this.resource = resource;
    this.id = id;
    this.index = index;
    if (problem !== undefined) this.healthReason = problem;
  }

  get health(): Health {
    return this.healthReason === undefined ? 'Healthy' : 'Unhealthy';
  }

  get nodes(): DeviceInfo['nodes'] {
    const { deviceFilePrefix } = this.resource;
    const file = `/dev/${deviceFilePrefix}-${this.#shown}`;
    return deviceFilePrefix === '' ? [] : [{ containerPath: file, hostPath: file, permissions: 'rw' }];
  }

  get envs(): Readonly<Record<string, string>> {
    const { envPrefix } = this.resource;
    return envPrefix === '' ? {} : { [`${envPrefix}_${this.id}`]: `/dev/${this.#shown}` };
  }

  get annotations(): Readonly<Record<string, string>> {
    const { annotationPrefix } = this.resource;
    return annotationPrefix === '' ? {} : { [`${annotationPrefix}-${this.id}`]: '' };
  }

  get #shown(): string {
    return this.resource.valueStyle === 'id' ? this.id : String(this.index);
  }
}
