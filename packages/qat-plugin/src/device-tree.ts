// SPDX-License-Identifier: Apache-2.0
import {
  DeviceTree,
  type AllocateResponse,
  type DeviceInfo,
  type DeviceSpec,
  type Mount,
} from '@kube-device-plugins/core';
import { serviceResource } from './device-tree/service-resource.ts';
import type { QatDevice } from './sysfs.ts';

/**
 * Publishes each VF under the resource of its services; one with a problem is Unhealthy.
 *
 * The variable of a VF is one of its own until {@link numberVariables} sees which ones a container has.
 *
 * @param known - resources that stay without devices too: to a kubelet, one that is gone has unhealthy devices for five minutes.
 */
export function qatDeviceTree(devices: readonly QatDevice[], known: Iterable<string> = []): DeviceTree {
  const tree = new DeviceTree();
  for (const resource of known) tree.addResource(resource);
  for (const device of devices) tree.addDevice(serviceResource(device.services), device.bdf, toInfo(device));
  return tree;
}

/** Names the addresses of a container's VFs QAT0, QAT1 and so on, in the order of the answer; of each container by itself. */
export function numberVariables({ containerResponses }: AllocateResponse): void {
  for (const response of containerResponses) {
    response.envs = Object.fromEntries(Object.values(response.envs).map((bdf, index) => [`QAT${index}`, bdf]));
  }
}

function toInfo(device: QatDevice): DeviceInfo {
  const { bdf, nodes, mounts, topology } = device;
  const reason = reasonOf(device);
  return {
    ...(reason === undefined ? { health: 'Healthy' } : { health: 'Unhealthy', healthReason: reason }),
    nodes: nodes.map(readWrite),
    ...(mounts.length === 0 ? {} : { mounts: mounts.map(writable) }),
    envs: { [`QAT${bdf}`]: bdf },
    ...(topology === undefined ? {} : { topology }),
  };
}

function reasonOf({ problem, isAlive, pf }: QatDevice): string | undefined {
  if (problem !== undefined) return problem;
  return isAlive ? undefined : `the firmware of its physical function ${pf} does not answer`;
}

function writable(path: string): Mount {
  return { containerPath: path, hostPath: path, readOnly: false };
}

function readWrite(path: string): DeviceSpec {
  return { containerPath: path, hostPath: path, permissions: 'rw' };
}
