// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import type { Device } from '../kubelet-api/deviceplugin.ts';
import { encodeDevices } from '../serve/device-list.ts';

/** A device as this front door speaks of it; `topology` may be left out. */
export type FrameDevice = Pick<Device, 'ID' | 'health'> & Partial<Device>;

/**
 * A ListAndWatch message of these devices.
 *
 * @throws DevicePluginError `DEVICE_ID_INVALID` or `LIST_TOO_LARGE`
 */
export function encodeFrameDevices(resourceName: string, devices: readonly FrameDevice[]): Buffer {
  for (const { ID } of devices) {
    const problem = deviceIdProblem(ID);
    if (problem !== undefined) {
      throw new DevicePluginError(
        'DEVICE_ID_INVALID',
        `device id ${JSON.stringify(ID)} of resource ${resourceName} ${problem}`,
      );
    }
  }
  return encodeDevices(
    resourceName,
    devices.map((device) => ({ topology: undefined, ...device })),
  );
}
