// SPDX-License-Identifier: Apache-2.0
import type { Remark } from '@kube-device-plugins/core';
import type { Fme, FpgaSnapshot, Port } from '../sysfs/fpga-snapshot.ts';
import { identityOfFme, isAllOnes, type KnownIds } from './fpga-ids.ts';

/** A management engine that programs a region, with all ports of it, on physical and virtual functions. */
export interface FpgaRegion {
  readonly fme: Fme;
  /** The id that it has, or had when it last had one. */
  readonly interfaceId: string;
  readonly ports: readonly [Port, ...Port[]];
  /** Why none of it can be used. */
  readonly problem: string | undefined;
}

/** The regions of which there are ports, and why others are left out. */
export function fpgaRegions(
  { fmes, ports }: FpgaSnapshot,
  known: KnownIds,
): {
  readonly regions: readonly FpgaRegion[];
  readonly remarks: readonly Remark[];
} {
  const regions: FpgaRegion[] = [];
  const remarks: Remark[] = ports.filter((port) => port.fme === undefined).map(remarkOnOrphan);
  for (const fme of fmes) {
    const [first, ...others] = ports.filter((port) => port.fme === fme.name);
    const { id, problem } = identityOfFme(fme, known);
    if (id !== undefined && first !== undefined)
      regions.push({
        ...{ fme, interfaceId: id, ports: [first, ...others] },
        problem: problem === undefined ? undefined : `its interface id ${problem}`,
      });
    else if (id === undefined) remarks.push(leftOutRegion(fme, `its interface id ${problem}`));
    else if (fme.missingPorts === undefined) remarks.push({ ...leftOutRegion(fme, noPorts), level: 'info' });
  }
  return { regions, remarks };
}

/** As it is where all ports were given to virtual machines. */
const noPorts = 'no port of this host is known to belong to it';

/** Why a region cannot be given to one container, which would get all that it has. */
export function regionProblem({ ports, problem }: FpgaRegion): string | undefined {
  // The kernel may know an interface id from before the hardware was gone.
  const isSilent = ports.every(({ afuId }) => isAllOnes(afuId));
  return problem ?? (isSilent ? 'the AFU ids of all its ports are all ones: the hardware does not answer' : undefined);
}

/** A remark on a region. */
export function leftOutRegion({ name }: Fme, reason: string): Remark {
  return { message: 'FPGA region is left out', subject: name, reason };
}

function remarkOnOrphan({ name, pci, fmeProblem }: Port): Remark {
  const reason = fmeProblem ?? `${pci.bdf} has no management engine (FME)`;
  return { message: 'FPGA port is left out', subject: name, reason };
}
