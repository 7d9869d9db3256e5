// SPDX-License-Identifier: Apache-2.0
import type { DeviceManager } from './device-manager.ts';
import type { ContainerDevices, ContainerResources, PodResources } from './kubelet-api/podresources.ts';
import type { PodRecord } from './pods.ts';

/**
 * What podresources says of a pod: its sidecars and containers, with one entry for each device.
 * Upstream: pkg/kubelet/apis/podresources/server_v1.go; the kubelet has no CPUs and memory to give away here.
 */
export function podResourcesOf({ uid, spec }: PodRecord, manager: DeviceManager): PodResources {
  const sidecars = (spec.initContainers ?? []).filter((container) => 'restartPolicy' in container);
  const containers = [...sidecars, ...spec.containers].map(({ name }): ContainerResources => {
    const devices = manager.assignments
      .ofContainer(uid, name)
      .flatMap((held) => [...held.devices].map(([id, nodes]) => containerDevices(held.resource, id, nodes)));
    return { name, devices, cpuIds: [], memory: [], dynamicResources: [] };
  });
  return { name: spec.pod, namespace: spec.namespace ?? 'default', containers, cpuIds: [], memory: [] };
}

/** The healthy devices of all resources, in use or not. */
export function allocatableDevices(manager: DeviceManager): ContainerDevices[] {
  return [...manager.views().values()].flatMap(({ resource, devices }) =>
    devices
      .filter(({ health }) => health === 'Healthy')
      .map(({ id, numaNodes }) => containerDevices(resource, id, numaNodes)),
  );
}

function containerDevices(resourceName: string, id: string, nodes: readonly number[]): ContainerDevices {
  const topology = nodes.length === 0 ? undefined : { nodes: nodes.map((ID) => ({ ID })) };
  return { resourceName, deviceIds: [id], topology };
}
