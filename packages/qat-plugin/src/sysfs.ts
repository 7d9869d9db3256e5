// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { type Host, messageOf, readTopology, type Remark, type TopologyInfo } from '@kube-device-plugins/core';
import { readPfCondition, unknownPf, type PfCondition } from './sysfs/pf-condition.ts';
import { readUioAccess } from './sysfs/uio.ts';
import type { VfAccess } from './sysfs/vf-access.ts';
import { readGroupAccess, readIommufdAccess, readVfioNodes, vfioDirectory, type VfioNodes } from './sysfs/vfio.ts';
import type { VirtualFunction } from './sysfs/virtual-functions.ts';

/** The directories of the host that have to be mounted where the plugin runs. */
export const hostPaths = [vfioDirectory, '/sys/bus/pci', '/sys/kernel/debug'];

/** A VF as it is offered. */
export interface QatDevice {
  readonly bdf: string;
  /** The services of its PF as the kernel writes them; empty where there are none, or none that are known. */
  readonly services: string;
  readonly nodes: readonly string[];
  readonly mounts: readonly string[];
  readonly topology?: TopologyInfo;
  /** Why its NUMA node is not known, where it should be. */
  readonly placeProblem?: string;
  /** Why it cannot be handed out: it could not be bound or read. */
  readonly problem?: string;
  /** False when the firmware of its PF does not answer. */
  readonly isAlive: boolean;
  /** The PF, or what stands for it; VFs of one share its hardware. */
  readonly pf: string;
}

/** What the host is asked for. */
export interface AccessOptions {
  readonly dpdkDriver: 'vfio-pci' | 'igb_uio';
  readonly vfioMode: 'group' | 'iommufd';
}

/** What {@link readQatDevices} found. */
export interface QatSnapshot {
  /** The very array of the scan before when nothing has changed. */
  readonly devices: readonly QatDevice[];
  readonly remarks: readonly Remark[];
}

/**
 * Reads what it takes to offer these VFs. A VF that cannot be read has a problem, and leaves every other one alone.
 *
 * @param bindingProblems - why VFs are not bound to their driver, by their addresses.
 * @param last - the result of the scan before: where a VF is in the machine is looked up when it comes, and not at each scan.
 */
export async function readQatDevices(
  host: Host,
  vfs: readonly VirtualFunction[],
  options: AccessOptions,
  bindingProblems: ReadonlyMap<string, string>,
  last: readonly QatDevice[] = [],
): Promise<QatSnapshot> {
  const known = new Map(last.map((device) => [device.bdf, device]));
  const pfs = await readPfConditions(host, vfs);
  const remarks = [...pfs.values()].flatMap((pf) => pf.remarks);
  const visible = await readVfioNodes(host);
  const devices: QatDevice[] = [];
  for (const vf of vfs) {
    const problem = bindingProblems.get(vf.bdf);
    const access =
      problem === undefined ? await readAccess(host, vf, options, visible, known.get(vf.bdf)) : { problem };
    const condition = pfs.get(vf.pf?.directory ?? '') ?? unknownPf;
    const device = await toDevice(host, vf, access, condition, known.get(vf.bdf));
    remarks.push(...remarksOn(vf, access, device));
    devices.push(device);
  }
  return { devices: isDeepStrictEqual(devices, last) ? last : devices, remarks };
}

/** Once for each PF: every look at the heartbeat asks the firmware. */
async function readPfConditions(
  host: Host,
  vfs: readonly VirtualFunction[],
): Promise<ReadonlyMap<string, PfCondition>> {
  const conditions = new Map<string, PfCondition>();
  for (const { pf, generation } of vfs) {
    if (pf === undefined || conditions.has(pf.directory)) continue;
    conditions.set(pf.directory, await readPfCondition(host, pf, generation.hasServices));
  }
  return conditions;
}

async function readAccess(
  host: Host,
  vf: VirtualFunction,
  options: AccessOptions,
  visible: VfioNodes,
  before: QatDevice | undefined,
): Promise<VfAccess> {
  try {
    if (options.dpdkDriver === 'igb_uio') return await readUioAccess(host, vf.directory);
    const read = options.vfioMode === 'iommufd' ? readIommufdAccess : readGroupAccess;
    return await read(host, vf.directory, visible, before?.nodes[0]);
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

async function toDevice(
  host: Host,
  { bdf, pf }: VirtualFunction,
  access: VfAccess,
  { services, isAlive }: PfCondition,
  before: QatDevice | undefined,
): Promise<QatDevice> {
  const common = { bdf, services, isAlive, pf: pf?.bdf ?? busOf(bdf) };
  if ('problem' in access) return { ...common, nodes: [], mounts: [], problem: access.problem };
  const { nodes, mounts } = access;
  return { ...common, nodes, mounts, ...(await readPlace(host, nodes[0], before)) };
}

/** Virtual machines get VFs of different PFs on different buses, more often than not. */
function busOf(bdf: string): string {
  return bdf.slice(0, bdf.lastIndexOf(':'));
}

type Place = Pick<QatDevice, 'topology' | 'placeProblem'>;

/** A VF whose place cannot be found out is as good as any other, except to the topology manager. */
async function readPlace(host: Host, node: string, before: QatDevice | undefined): Promise<Place> {
  if (before?.nodes[0] === node && before.placeProblem === undefined) return placeOf(before.topology);
  try {
    return placeOf(await readTopology(host, [node]));
  } catch (error) {
    // Without the name of the node, so that VFs have it in common.
    return { placeProblem: messageOf(error instanceof Error ? (error.cause ?? error) : error) };
  }
}

function placeOf(topology: TopologyInfo | undefined): Place {
  return topology === undefined ? {} : { topology };
}

function remarksOn(vf: VirtualFunction, access: VfAccess, { placeProblem }: QatDevice): readonly Remark[] {
  const remark = (message: string, reason: string | undefined): readonly Remark[] =>
    reason === undefined ? [] : [{ message, subject: vf.bdf, reason }];
  return [
    ...remark(
      'services and health are not known',
      vf.pf ? undefined : 'a virtual machine does not see the physical function',
    ),
    ...remark('the IOMMU group is offered in place of IOMMUFD', 'remark' in access ? access.remark : undefined),
    ...remark('the NUMA node is not known', placeProblem),
  ];
}
