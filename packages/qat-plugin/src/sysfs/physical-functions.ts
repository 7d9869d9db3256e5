// SPDX-License-Identifier: Apache-2.0
import { isBdf, type Host } from '@kube-device-plugins/core';
import type { DeviceGeneration } from './device-generations.ts';

/** A physical function (PF), whose virtual functions are handed out. */
export interface PhysicalFunction {
  readonly bdf: string;
  /** In /sys/devices. */
  readonly directory: string;
  /** The driver it has, which names its directory in debugfs too. */
  readonly driver: string;
}

/** A PF that the driver of its generation has. */
export interface DrivenFunction extends PhysicalFunction {
  readonly generation: DeviceGeneration;
}

/** The PFs of these generations, in their order and that of their addresses. */
export async function readPhysicalFunctions(
  host: Host,
  generations: readonly DeviceGeneration[],
): Promise<readonly DrivenFunction[]> {
  const functions: DrivenFunction[] = [];
  for (const generation of generations) {
    const driver = generation.pfDriver;
    const driverDirectory = `/sys/bus/pci/drivers/${driver}`;
    for (const bdf of (await host.list(driverDirectory)).filter(isBdf)) {
      const directory = await host.realPath(`${driverDirectory}/${bdf}`);
      if (directory !== undefined) functions.push({ bdf, directory, driver, generation });
    }
  }
  return functions;
}

/**
 * Where the driver of a PF tells of it.
 * Kernel ABI: Documentation/ABI/testing/debugfs-driver-qat; the name is from adf_dbgfs.c. It does not depend on the bridges above the PF.
 */
export function debugDirectory({ driver, bdf }: PhysicalFunction): string {
  return `/sys/kernel/debug/qat_${driver}_${bdf}`;
}
