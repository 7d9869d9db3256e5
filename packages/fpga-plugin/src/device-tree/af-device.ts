// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo } from '@kube-device-plugins/core';
import type { Port } from '../sysfs/fpga-snapshot.ts';
import { isAllOnes } from './fpga-region.ts';
import { readWrite } from './region-devices.ts';

/** A port with the function that is loaded into it. */
export function afDevice({ afuId, node, topology }: Port): DeviceInfo {
  return {
    ...(isAllOnes(afuId)
      ? { health: 'Unhealthy', healthReason: 'its AFU id is all ones: the port does not answer' }
      : { health: 'Healthy' }),
    nodes: [readWrite(node)],
    ...(topology === undefined ? {} : { topology }),
  };
}
