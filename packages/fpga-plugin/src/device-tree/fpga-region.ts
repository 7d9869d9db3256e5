// SPDX-License-Identifier: Apache-2.0
import type { Remark } from '@kube-device-plugins/core';
import type { Fme, FpgaSnapshot, Port } from '../sysfs/fpga-snapshot.ts';
import { isFpgaId } from './resource-names.ts';

/** A management engine that programs a region, with all ports of it, on physical and virtual functions. */
export interface FpgaRegion {
  readonly fme: Fme;
  readonly ports: readonly [Port, ...Port[]];
}

/** The regions of which there are ports, and why others are left out. */
export function fpgaRegions({ fmes, ports }: FpgaSnapshot): {
  readonly regions: readonly FpgaRegion[];
  readonly remarks: readonly Remark[];
} {
  const regions: FpgaRegion[] = [];
  const remarks: Remark[] = ports.filter((port) => port.fme === undefined).map(remarkOnOrphan);
  for (const fme of fmes) {
    const [first, ...others] = ports.filter((port) => port.fme === fme.name);
    if (first === undefined) continue;
    const problem = idProblem(fme.interfaceId);
    if (problem === undefined) regions.push({ fme, ports: [first, ...others] });
    else remarks.push({ message: 'FPGA region is left out', subject: fme.name, reason: `its interface id ${problem}` });
  }
  return { regions, remarks };
}

/** Why an id makes no name of a resource, as the end of a sentence. */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'is empty: the driver names none';
  return isFpgaId(id) ? undefined : `is not hexadecimal: ${JSON.stringify(id.slice(0, 64))}`;
}

/** All ones is what PCI reads of hardware that does not answer. */
export function isAllOnes(id: string): boolean {
  return /^f+$/.test(id);
}

function remarkOnOrphan({ name, pci }: Port): Remark {
  const reason = `the management engine (FME) of ${pci.bdf} is not to be seen: in a virtual machine, only the host has it`;
  return { message: 'FPGA port is left out', subject: name, reason };
}
