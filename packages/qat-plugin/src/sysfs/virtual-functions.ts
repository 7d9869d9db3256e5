// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { type Host, isBdf, messageOf, type Remark } from '@kube-device-plugins/core';
import type { DeviceGeneration } from './device-generations.ts';
import { readPhysicalFunctions, type DrivenFunction, type PhysicalFunction } from './physical-functions.ts';

/** A virtual function (VF) that the host has. */
export interface VirtualFunction {
  readonly bdf: string;
  /** In /sys/devices. */
  readonly directory: string;
  readonly generation: DeviceGeneration;
  /** Undefined in a virtual machine that was given the VF alone. */
  readonly pf: PhysicalFunction | undefined;
  /** The driver it has. */
  readonly driver: string | undefined;
}

/** What {@link readVirtualFunctions} found. */
export interface FoundFunctions {
  readonly vfs: readonly VirtualFunction[];
  readonly remarks: readonly Remark[];
}

/**
 * The VFs of these generations: those of each PF in the order of their links' names (virtfn0, virtfn1, virtfn10, virtfn2), which is upstream's.
 * Where no PF is, as in a virtual machine, every VF on the bus counts; where one is without VFs, there are none.
 *
 * Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci (virtfnN, physfn, device, vendor).
 */
export async function readVirtualFunctions(
  host: Host,
  generations: readonly DeviceGeneration[],
): Promise<FoundFunctions> {
  const pfs = await readPhysicalFunctions(host, generations);
  const remarks: Remark[] = [];
  const leaveOut = (subject: string, reason: string): void => {
    remarks.push({ message: 'virtual functions are left out', subject, reason });
  };
  const found =
    pfs.length > 0 ? await readThroughPfs(host, pfs, leaveOut) : await readFromBus(host, generations, leaveOut);
  const byBdf = new Map<string, VirtualFunction>();
  for (const vf of found) if (!byBdf.has(vf.bdf)) byBdf.set(vf.bdf, vf);
  return { vfs: [...byBdf.values()], remarks };
}

type LeaveOut = (subject: string, reason: string) => void;

const busDirectory = '/sys/bus/pci/devices';

async function readThroughPfs(
  host: Host,
  pfs: readonly DrivenFunction[],
  leaveOut: LeaveOut,
): Promise<readonly VirtualFunction[]> {
  const vfs: VirtualFunction[] = [];
  for (const pf of pfs) {
    for (const name of (await host.list(pf.directory)).filter((entry) => /^virtfn\d+$/.test(entry))) {
      const link = `${pf.directory}/${name}`;
      try {
        const directory = await host.realPath(link);
        const vf = directory === undefined ? undefined : await readVf(host, directory, pf.generation, pf);
        if (vf === undefined) leaveOut(link, 'the link does not lead to a PCI device');
        else vfs.push(vf);
      } catch (error) {
        leaveOut(link, messageOf(error));
      }
    }
  }
  return vfs;
}

async function readFromBus(
  host: Host,
  generations: readonly DeviceGeneration[],
  leaveOut: LeaveOut,
): Promise<readonly VirtualFunction[]> {
  const byId = new Map(generations.flatMap((generation) => generation.vfIds.map((id) => [id, generation] as const)));
  const vfs: VirtualFunction[] = [];
  for (const bdf of (await host.list(busDirectory)).filter(isBdf)) {
    try {
      const generation = await readGeneration(host, bdf, byId);
      if (generation === undefined) continue;
      const directory = (await host.realPath(`${busDirectory}/${bdf}`)) ?? '';
      const vf = await readVf(host, directory, generation, await readParent(host, directory));
      if (vf !== undefined) vfs.push(vf);
    } catch (error) {
      leaveOut(bdf, messageOf(error));
    }
  }
  return vfs;
}

async function readGeneration(
  host: Host,
  bdf: string,
  byId: ReadonlyMap<string, DeviceGeneration>,
): Promise<DeviceGeneration | undefined> {
  const id = await host.readText(`${busDirectory}/${bdf}/device`);
  const generation = id === undefined ? undefined : byId.get(id.replace(/^0x/, '').toLowerCase());
  if (generation === undefined) return undefined;
  // Ids are a vendor's own.
  const vendor = await host.readText(`${busDirectory}/${bdf}/vendor`);
  return vendor === undefined || vendor === intel ? generation : undefined;
}

const intel = '0x8086';

async function readVf(
  host: Host,
  directory: string,
  generation: DeviceGeneration,
  pf: PhysicalFunction | undefined,
): Promise<VirtualFunction | undefined> {
  const bdf = posix.basename(directory);
  if (!isBdf(bdf)) return undefined;
  return { bdf, directory, generation, pf, driver: await host.linkName(`${directory}/driver`) };
}

async function readParent(host: Host, vfDirectory: string): Promise<PhysicalFunction | undefined> {
  const directory = await host.realPath(`${vfDirectory}/physfn`);
  if (directory === undefined) return undefined;
  const driver = (await host.linkName(`${directory}/driver`)) ?? '';
  return { bdf: posix.basename(directory), directory, driver };
}
