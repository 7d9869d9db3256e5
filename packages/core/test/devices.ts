// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type DeviceInfo, type Devices } from '../src/device-tree.ts';

/** A device with one node of its id; unhealthy when the id ends in `!`. */
export function device(id: string): DeviceInfo {
  const hostPath = `/dev/${id}`;
  return {
    health: id.endsWith('!') ? 'Unhealthy' : 'Healthy',
    nodes: [{ hostPath, containerPath: hostPath, permissions: 'rw' }],
  };
}

/** `devices('d1', 'd2!')`: d1 is healthy, d2 is not. */
export function devices(...ids: readonly string[]): Devices {
  return new Map(ids.map((id) => [id.replace('!', ''), device(id)]));
}

/** `treeOf({ red: ['d1', 'd2!'], blue: [] })` */
export function treeOf(resources: Readonly<Record<string, readonly string[]>>): DeviceTree {
  const tree = new DeviceTree();
  for (const [resource, ids] of Object.entries(resources)) {
    tree.addResource(resource);
    for (const [id, info] of devices(...ids)) tree.addDevice(resource, id, info);
  }
  return tree;
}
