// SPDX-License-Identifier: Apache-2.0
import type { Remark } from '@kube-device-plugins/core';
import type { VirtualFunction } from '../sysfs/virtual-functions.ts';

/** What decides which VFs are offered. */
export interface ChoiceOptions {
  readonly dpdkDriver: string;
  readonly bindVfs: boolean;
  readonly maxDevices: number;
  readonly allocationPolicy: 'balanced' | 'packed' | undefined;
}

/** The VFs to offer, and the reasons why others are not. */
export interface VfChoice {
  readonly chosen: readonly VirtualFunction[];
  readonly remarks: readonly Remark[];
}

/**
 * Takes as many VFs as are allowed, PF after PF; with the policy `balanced` one of each PF in turn, since it has nothing to balance
 * between the VFs of the first PF alone. A VF of another driver counts only where it may be bound.
 */
export function chooseVfs(found: readonly VirtualFunction[], options: ChoiceOptions): VfChoice {
  const usable = found.filter((vf) => options.bindVfs || vf.driver === options.dpdkDriver);
  const ordered = options.allocationPolicy === 'balanced' ? inTurns(usable) : usable;
  const chosen = ordered.slice(0, options.maxDevices);
  const isUsable = new Set(usable);
  const unusable = found.filter((vf) => !isUsable.has(vf));
  return {
    chosen,
    remarks: [
      ...unusable.map((vf) => leftOut(vf, `its driver is ${vf.driver ?? 'none'}, not ${options.dpdkDriver}`)),
      ...ordered.slice(options.maxDevices).map((vf) => leftOut(vf, 'there are more than -max-num-devices')),
    ],
  };
}

/** The first VF of each PF, then the second of each, and so on. */
function inTurns(vfs: readonly VirtualFunction[]): readonly VirtualFunction[] {
  const turns: VirtualFunction[][] = [];
  const counts = new Map<string | undefined, number>();
  for (const vf of vfs) {
    const turn = counts.get(vf.pf?.bdf) ?? 0;
    counts.set(vf.pf?.bdf, turn + 1);
    (turns[turn] ??= []).push(vf);
  }
  return turns.flat();
}

function leftOut({ bdf }: VirtualFunction, reason: string): Remark {
  return { message: 'virtual functions are left out', subject: bdf, reason };
}
