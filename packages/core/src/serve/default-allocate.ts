// SPDX-License-Identifier: Apache-2.0
import { cdiDeviceName, type CdiDevice } from '../cdi/spec.ts';
import type { DeviceInfo, Devices } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import type { AllocateRequest, AllocateResponse, ContainerAllocateResponse } from '../kubelet-api/deviceplugin.ts';

/**
 * What each container gets: all that its devices give, sorted by id, nothing twice. Kubelets name the ids in random order.
 *
 * A device node or mount counts as the same when its container path is, and the first one is taken; of two values for one variable
 * the later device's stays.
 * An id may repeat, in one request and over time: kubelets allocate an init container's devices again to the containers after it.
 *
 * @throws DevicePluginError `DEVICE_UNKNOWN` or `DEVICE_UNHEALTHY`, naming the id, and the reason where there is one.
 */
export function defaultAllocate(resourceName: string, devices: Devices, request: AllocateRequest): AllocateResponse {
  return {
    containerResponses: request.containerRequests.map(({ devicesIds }) =>
      mergeDevices(devicesIds.toSorted().map((id) => allocatable(resourceName, devices, id))),
    ),
  };
}

/** The CDI devices behind a request, whose spec files have to be there before it is answered; ids that are not known are passed over. */
export function cdiDevicesOf(devices: Devices, request: AllocateRequest): CdiDevice[] {
  return request.containerRequests.flatMap(({ devicesIds }) =>
    devicesIds.flatMap((id) => devices.get(id)?.cdiDevices ?? []),
  );
}

function allocatable(resourceName: string, devices: Devices, id: string): DeviceInfo {
  const device = devices.get(id);
  if (device === undefined)
    throw new DevicePluginError('DEVICE_UNKNOWN', `${resourceName} has no device ${JSON.stringify(id)}`);
  if (device.health !== 'Healthy') throw unhealthy(resourceName, id, device.healthReason);
  return device;
}

function unhealthy(resourceName: string, id: string, reason: string | undefined): DevicePluginError {
  const what = `device ${JSON.stringify(id)} of ${resourceName} is unhealthy`;
  return new DevicePluginError('DEVICE_UNHEALTHY', reason === undefined ? what : `${what}: ${reason}`);
}

function mergeDevices(devices: readonly DeviceInfo[]): ContainerAllocateResponse {
  return {
    envs: Object.assign({}, ...devices.map((device) => device.envs)) as Record<string, string>,
    mounts: firstOfEach(
      devices.flatMap((device) => device.mounts ?? []),
      (mount) => mount.containerPath,
    ),
    devices: firstOfEach(
      devices.flatMap((device) => device.nodes),
      (node) => node.containerPath,
    ),
    annotations: Object.assign({}, ...devices.map((device) => device.annotations)) as Record<string, string>,
    cdiDevices: firstOfEach(
      devices.flatMap((device) => device.cdiDevices ?? []).map((device) => ({ name: cdiDeviceName(device) })),
      ({ name }) => name,
    ),
  };
}

/** The kubelet merges by the same keys and takes the first (kubernetes pkg/kubelet/cm/devicemanager, DeviceRunContainerOptions). */
function firstOfEach<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const item of items) if (!byKey.has(keyOf(item))) byKey.set(keyOf(item), { ...item });
  return [...byKey.values()];
}
