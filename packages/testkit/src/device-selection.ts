// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { groupByAffinity } from './numa-affinity.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What the choice is made from. */
export interface Candidates {
  readonly resource: string;
  /** How many devices the container wants. */
  readonly size: number;
  /** Of earlier init containers of this pod, taken first. */
  readonly reusable: ReadonlySet<string>;
  readonly healthy: ReadonlySet<string>;
  readonly inUse: ReadonlySet<string>;
  /** NUMA nodes of a device; empty without topology. */
  readonly nodesOf: (id: string) => readonly number[];
  /** NUMA nodes to be preferred; no preference when it is left out. */
  readonly hint?: readonly number[] | undefined;
}

/** Asks the plugin; resolves with nothing when it cannot be asked. */
export type Prefer = (request: deviceplugin.ContainerPreferredAllocationRequest) => Promise<readonly string[]>;

/**
 * Chooses devices as the kubelet does: reusable ones, those aligned with the hint, and the rest; where there is a choice, what the
 * plugin prefers and then any. The plugin's answer is a wish: ids that are not free are ignored, too few are filled up, of too many
 * any are taken.
 *
 * Rejects in the kubelet's words when there are not enough devices, and when the plugin does.
 * Upstream: pkg/kubelet/cm/devicemanager/manager.go, devicesToAllocate.
 */
export async function selectDevices(candidates: Candidates, prefer: Prefer, random: SeededRandom): Promise<string[]> {
  const { resource, size, reusable, healthy, inUse, nodesOf, hint } = candidates;
  const reused = random.shuffle(reusable).slice(0, size);
  const needed = size - reused.length;
  if (needed === 0) return reused;

  const available = random.shuffle([...healthy].filter((id) => !inUse.has(id) && !reused.includes(id)));
  if (available.length < needed) {
    throw new Error(
      `requested number of devices unavailable for ${resource}. Requested: ${needed}, Available: ${available.length}`,
    );
  }
  const { aligned, unaligned, noAffinity } = groupByAffinity(available, nodesOf, hint);
  const askAmong = async (free: readonly string[], chosen: readonly string[]): Promise<string[]> => {
    const preferred = await prefer({
      availableDeviceIDs: random.shuffle(new Set([...free, ...chosen])),
      mustIncludeDeviceIDs: random.shuffle(chosen),
      allocationSize: size,
    });
    return random.shuffle(preferred).filter((id) => free.includes(id) && !chosen.includes(id));
  };
  const take = (chosen: readonly string[], ...more: readonly (readonly string[])[]): string[] =>
    [...new Set([...chosen, ...more.flat()])].slice(0, size);

  if (needed < aligned.length) return random.shuffle(take(reused, await askAmong(aligned, reused), aligned));
  const chosen = take(reused, aligned);
  if (chosen.length === size) return random.shuffle(chosen);
  return random.shuffle(take(chosen, await askAmong(available, chosen), unaligned, noAffinity));
}
