// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type DeviceInfo } from '@kube-device-plugins/core';
import { deviceIds } from './device-tree/device-id.ts';
import type { SimpleOptions } from './options.ts';
import { simulatedId, type SimulatedResource } from './options/simulated-resource.ts';
import type { FoundDevice, FoundResource } from './sysfs.ts';

/**
 * Publishes what was found on the host, and the simulated resources.
 *
 * A resource that nothing was found for stays, with no devices; a path that is named but cannot be had is Unhealthy.
 */
export function deviceTree(found: readonly FoundResource[], options: SimpleOptions): DeviceTree {
  const tree = new DeviceTree();
  for (const resource of found) addHostResource(tree, resource);
  for (const resource of options.simulatedResources) addSimulatedResource(tree, resource, options.nodeName);
  return tree;
}

function addHostResource(tree: DeviceTree, { name, devices }: FoundResource): void {
  tree.addResource(name);
  const ids = deviceIds(devices.map(({ path }) => path));
  for (const device of devices) tree.addDevice(name, ids.get(device.path) ?? '', hostDevice(device));
}

function hostDevice({ path, node, permissions, problem, topology }: FoundDevice): DeviceInfo {
  return {
    health: problem === undefined ? 'Healthy' : 'Unhealthy',
    nodes: [{ containerPath: path, hostPath: node ?? path, permissions }],
    ...(topology === undefined ? {} : { topology }),
  };
}

function addSimulatedResource(tree: DeviceTree, resource: SimulatedResource, nodeName: string): void {
  tree.addResource(resource.resourceName);
  for (let index = 0; index < resource.numberDevicesOnNode; index += 1) {
    const id = simulatedId(resource, nodeName, index);
    tree.addDevice(resource.resourceName, id, simulatedDevice(resource, id, index));
  }
}

/**
 * What the simulator's Allocate gives for one device.
 * Upstream: yevgeny-shnaidman/simple-device-plugin, whose README names devices by index where its code takes the id: both are a value style.
 */
function simulatedDevice(resource: SimulatedResource, id: string, index: number): DeviceInfo {
  const { envPrefix, annotationPrefix, deviceFilePrefix, valueStyle } = resource;
  const shown = valueStyle === 'id' ? id : String(index);
  const file = `/dev/${deviceFilePrefix}-${shown}`;
  return {
    health: 'Healthy',
    nodes: deviceFilePrefix === '' ? [] : [{ containerPath: file, hostPath: file, permissions: 'rw' }],
    envs: envPrefix === '' ? {} : { [`${envPrefix}_${id}`]: `/dev/${shown}` },
    annotations: annotationPrefix === '' ? {} : { [`${annotationPrefix}-${id}`]: '' },
  };
}
