// SPDX-License-Identifier: Apache-2.0
import type { AdfDevice } from './adf-ctl-status.ts';

/** Which devices can serve processes, and why the others cannot. */
export interface UsableDevices {
  readonly usable: readonly AdfDevice[];
  /** `<type>_<id>` → reason. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Sorts out devices that kernel mode cannot offer. Upstream: cmd/qat_plugin/kerneldrv, v0.32.1. */
export function usableDevices(devices: readonly AdfDevice[], isIommuOn: boolean): UsableDevices {
  const leftOut = new Map<string, string>();
  const usable = devices.filter((device) => {
    const reason = obstacle(device, isIommuOn);
    if (reason !== undefined) leftOut.set(`${device.type}_${device.id}`, reason);
    return reason === undefined;
  });
  return { usable, leftOut };
}

function obstacle({ type, isUp }: AdfDevice, isIommuOn: boolean): string | undefined {
  if (type === '4xxx' || type === '4xxxvf')
    return 'kernel mode does not support 4xxx devices, whose sections it cannot tell apart; use -mode dpdk';
  if (!isUp) return 'adf_ctl says that it is not up';
  if (isIommuOn && !type.endsWith('vf'))
    return 'with the IOMMU on a physical function serves no processes, only its virtual functions do';
  return undefined;
}
