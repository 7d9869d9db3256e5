// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { DevicePluginError, type Host, isBdf, type Remark } from '@kube-device-plugins/core';
import { boardOf, pciId } from './boards.ts';
import type { PciFunction } from './fpga-snapshot.ts';

/**
 * The PCI function that an FPGA belongs to: `<function>/fpga/intel-fpga-dev.0`, `<function>/fpga_region/region0`.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` when it is no part of one.
 * Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci (physfn).
 */
export async function readPciFunction(host: Host, fpgaDirectory: string): Promise<PciFunction> {
  const directory = posix.dirname(posix.dirname(fpgaDirectory));
  const bdf = posix.basename(directory);
  if (!isBdf(bdf)) throw new DevicePluginError('HOST_UNREADABLE', `${fpgaDirectory} is no part of a PCI function`);
  const physicalFunction = await physicalFunctionOf(host, directory);
  return { bdf, directory, ...(physicalFunction === undefined ? {} : { physicalFunction }) };
}

/** One that is not there has been one all the same. */
async function physicalFunctionOf(host: Host, directory: string): Promise<string | undefined> {
  const path = await host.realPath(`${directory}/physfn`);
  const bdf = await host.linkName(`${directory}/physfn`);
  return path ?? (bdf && posix.join(directory, '..', bdf));
}

/** What there is to say of a function whose PCI id is not in the table: it is offered, for a driver knows it. */
export async function remarksOnBoard(host: Host, { bdf, directory }: PciFunction): Promise<readonly Remark[]> {
  const vendor = (await host.readText(`${directory}/vendor`)) ?? '?';
  const device = (await host.readText(`${directory}/device`)) ?? '?';
  if (boardOf(vendor, device) !== undefined) return [];
  const driver = (await host.linkName(`${directory}/driver`)) ?? 'none';
  const reason = `its PCI id is ${pciId(vendor, device)} and its driver ${driver}`;
  return [{ message: 'the board is not known, it is offered all the same', subject: bdf, reason }];
}
