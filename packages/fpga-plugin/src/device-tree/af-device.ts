// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo } from '@kube-device-plugins/core';
import type { Port } from '../sysfs/fpga-snapshot.ts';
import { healthOf, readWrite } from './region-devices.ts';

/** A port with the function that is loaded into it. */
export function afDevice({ node, topology }: Port, problem: string | undefined): DeviceInfo {
  return {
    ...healthOf(problem),
    nodes: [readWrite(node)],
    ...(topology === undefined ? {} : { topology }),
  };
}
