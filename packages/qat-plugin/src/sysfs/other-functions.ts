// SPDX-License-Identifier: Apache-2.0
import type { Host, Remark } from '@kube-device-plugins/core';
import { deviceGenerations, type DeviceGeneration } from './device-generations.ts';
import { readPhysicalFunctions } from './physical-functions.ts';
import type { FoundFunctions } from './virtual-functions.ts';

/** Says which QAT devices are not handed out because nobody asked for their generation, and where there are none at all. */
export async function remarksOnOthers(
  host: Host,
  generations: readonly DeviceGeneration[],
  { vfs }: FoundFunctions,
): Promise<readonly Remark[]> {
  const others = deviceGenerations.filter((generation) => !generations.includes(generation));
  const pfs = await readPhysicalFunctions(host, others);
  const asked = generations.map(({ vfDriver }) => vfDriver).join();
  if (pfs.length === 0 && vfs.length === 0)
    return [
      { message: 'there are no QAT virtual functions', subject: asked, reason: 'none is on this node', level: 'info' },
    ];
  return pfs.map(({ bdf, generation: { pfDriver, vfDriver } }) => ({
    message: 'physical functions are here whose driver is not in -kernel-vf-drivers',
    subject: bdf,
    reason: `their driver is ${pfDriver}: -kernel-vf-drivers=${asked},${vfDriver} hands out their virtual functions`,
  }));
}
