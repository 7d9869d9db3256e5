// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
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
}

/** Asks the plugin. */
export type Prefer = (request: deviceplugin.ContainerPreferredAllocationRequest) => Promise<readonly string[]>;

/**
 * Chooses devices as a kubelet without topology hints does: reusable ones, then what the plugin prefers, then any.
 * The plugin's answer is a wish: ids that are not free are ignored, too few are filled up, of too many any are taken.
 * Rejects in the kubelet's words when there are not enough devices, and when the plugin does.
 * Upstream: pkg/kubelet/cm/devicemanager/manager.go, devicesToAllocate.
 */
export async function selectDevices(candidates: Candidates, prefer: Prefer, random: SeededRandom): Promise<string[]> {
  const { resource, size, reusable, healthy, inUse } = candidates;
  const reused = random.shuffle(reusable).slice(0, size);
  const needed = size - reused.length;
  if (needed === 0) return reused;

  const available = new Set([...healthy].filter((id) => !inUse.has(id) && !reused.includes(id)));
  if (available.size < needed) {
    throw new Error(
      `requested number of devices unavailable for ${resource}. Requested: ${needed}, Available: ${available.size}`,
    );
  }
  const preferred = await prefer({
    availableDeviceIDs: random.shuffle([...available, ...reused]),
    mustIncludeDeviceIDs: random.shuffle(reused),
    allocationSize: size,
  });
  const wishes = random.shuffle(preferred).filter((id) => available.has(id));
  const chosen = new Set([...wishes, ...random.shuffle(available)]);
  return random.shuffle([...reused, ...[...chosen].slice(0, needed)]);
}
