// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import {
  log,
  readTopology,
  rescan,
  type DeviceTree,
  type Host,
  type Notifier,
  type TopologyInfo,
} from '@kube-device-plugins/core';
import { wslDeviceTree, wslNode } from '../device-tree/wsl.ts';
import type { GpuOptions } from '../options.ts';
import { readWslIndices } from '../sysfs/level-zero.ts';

/**
 * Publishes what the Level-Zero sidecar finds in WSL, where there is no /sys/class/drm. While the sidecar does not answer, the devices stay
 * as they are. Resolves once `signal` aborts.
 */
export async function scanWsl(host: Host, options: GpuOptions, notifier: Notifier, signal: AbortSignal): Promise<void> {
  const topology = await placeOf(host);
  let last: { readonly indices: readonly number[]; readonly tree: DeviceTree } | undefined;
  await rescan({ everyMs: options.scanPeriodMs, watch: [] }, signal, async () => {
    const indices = await readWslIndices(options.levelZeroSocket, signal);
    if (signal.aborted) return;
    if (!isDeepStrictEqual(last?.indices, indices))
      last = { indices, tree: wslDeviceTree(indices, options.shareCount, topology, (path) => host.path(path)) };
    if (last !== undefined) notifier.notify(last.tree);
  });
}

async function placeOf(host: Host): Promise<TopologyInfo | undefined> {
  try {
    return await readTopology(host, [wslNode]);
  } catch (error) {
    log.v(2).info('no NUMA node is known', { path: wslNode, error });
    return undefined;
  }
}
