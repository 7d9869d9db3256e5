// SPDX-License-Identifier: Apache-2.0
import { isBdf, type Host } from '@kube-device-plugins/core';
import type { DeviceGeneration } from '../../sysfs/device-generations.ts';

/** The directory in which every PCI device has its own one. */
export const pciDevices = '/sys/bus/pci/devices';

/** Driver of the virtual functions that containers use. */
export const vfioPci = 'vfio-pci';

/** All that the plan depends on. */
export interface HostFacts {
  readonly pfs: readonly PfFacts[];
  /** Whether the kernel has the driver vfio-pci. */
  readonly hasVfioPci: boolean;
}

/** A physical function (PF). What its driver does not offer is undefined. */
export interface PfFacts {
  readonly bdf: string;
  readonly generation: DeviceGeneration;
  readonly driver: string | undefined;
  /** `qat/state`: up or down. */
  readonly state: string | undefined;
  /** `qat/cfg_services`. */
  readonly services: string | undefined;
  /** `qat/auto_reset`: on or off. */
  readonly autoReset: string | undefined;
  readonly numVfs: number | undefined;
  readonly totalVfs: number | undefined;
  /** In the order of their numbers. */
  readonly vfs: readonly VfFacts[];
}

/** A virtual function and the driver that has it. */
export interface VfFacts {
  readonly bdf: string;
  readonly driver: string | undefined;
}

/**
 * Reads what there is of the physical functions with these ids.
 *
 * @throws DevicePluginError `HOST_UNREADABLE`, naming the file.
 * Kernel ABI: Documentation/ABI/testing/sysfs-driver-qat, sysfs-bus-pci (sriov_*, virtfnN).
 */
export async function readHostFacts(host: Host, enabled: ReadonlyMap<string, DeviceGeneration>): Promise<HostFacts> {
  const pfs: PfFacts[] = [];
  for (const bdf of (await host.list(pciDevices)).filter(isBdf)) {
    const generation = await readGeneration(host, bdf, enabled);
    if (generation !== undefined) pfs.push(await readPf(host, bdf, generation));
  }
  return { pfs, hasVfioPci: await host.exists(`/sys/bus/pci/drivers/${vfioPci}`) };
}

async function readGeneration(
  host: Host,
  bdf: string,
  enabled: ReadonlyMap<string, DeviceGeneration>,
): Promise<DeviceGeneration | undefined> {
  const id = await host.readText(`${pciDevices}/${bdf}/device`);
  const generation = id === undefined ? undefined : enabled.get(id.replace(/^0x/, '').toLowerCase());
  if (generation === undefined) return undefined;
  // Ids are a vendor's own.
  return (await host.readText(`${pciDevices}/${bdf}/vendor`)) === '0x8086' ? generation : undefined;
}

async function readPf(host: Host, bdf: string, generation: DeviceGeneration): Promise<PfFacts> {
  const directory = `${pciDevices}/${bdf}`;
  return {
    bdf,
    generation,
    driver: await host.linkName(`${directory}/driver`),
    state: await host.readText(`${directory}/qat/state`),
    services: await host.readText(`${directory}/qat/cfg_services`),
    autoReset: await host.readText(`${directory}/qat/auto_reset`),
    numVfs: toNumber(await host.readText(`${directory}/sriov_numvfs`)),
    totalVfs: toNumber(await host.readText(`${directory}/sriov_totalvfs`)),
    vfs: await readVfs(host, directory),
  };
}

async function readVfs(host: Host, directory: string): Promise<VfFacts[]> {
  const numbers = (await host.list(directory)).flatMap((name) => /^virtfn(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const vfs: VfFacts[] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const bdf = await host.linkName(`${directory}/virtfn${number}`);
    if (bdf !== undefined && isBdf(bdf)) vfs.push({ bdf, driver: await host.linkName(`${pciDevices}/${bdf}/driver`) });
  }
  return vfs;
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
