// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type DeviceInfo } from '@kube-device-plugins/core';
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
    tree.addDevice(resource.resourceName, id, { ...simulatedDevice(resource, id, index), ...healthOf(problem) });
  }
}

/**
 * What the simulator's Allocate gives for one device.
 * Upstream: yevgeny-shnaidman/simple-device-plugin, whose README names devices by index where its code takes the id: both are a value style.
 */
function simulatedDevice(resource: SimulatedResource, id: string, index: number): Omit<DeviceInfo, 'health'> {
  const { envPrefix, annotationPrefix, deviceFilePrefix, valueStyle } = resource;
  const shown = valueStyle === 'id' ? id : String(index);
  const file = `/dev/${deviceFilePrefix}-${shown}`;
  return {
    nodes: deviceFilePrefix === '' ? [] : [{ containerPath: file, hostPath: file, permissions: 'rw' }],
    envs: envPrefix === '' ? {} : { [`${envPrefix}_${id}`]: `/dev/${shown}` },
    annotations: annotationPrefix === '' ? {} : { [`${annotationPrefix}-${id}`]: '' },
  };
}
