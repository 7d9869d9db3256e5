// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type TopologyInfo } from '@kube-device-plugins/core';
import { readWrite } from './card-device.ts';
import { shareIds } from './device-id.ts';

/** The one node through which Windows gives all of its GPUs. Source: Linux, drivers/hv/dxgkrnl. */
export const wslNode = '/dev/dxg';

/** Where Windows puts the libraries that talk to it. */
const wslLibraries = '/usr/lib/wsl';

/**
 * Publishes the GPUs that Windows lends to its Linux, by their Level-Zero indices. They all are one node, so a variable tells a container which to use.
 *
 * @param onHost - where a path of the host lies, see `-prefix`.
 */
export function wslDeviceTree(
  indices: readonly number[],
  shareCount: number,
  topology: TopologyInfo | undefined,
  onHost: (path: string) => string,
): DeviceTree {
  const tree = new DeviceTree().addResource('dxg');
  for (const index of indices) {
    const info = {
      health: 'Healthy',
      nodes: [readWrite(onHost(wslNode))],
      mounts: [{ hostPath: wslLibraries, containerPath: wslLibraries, readOnly: true }],
      envs: { ZE_AFFINITY_MASK: String(index) },
      ...(topology === undefined ? {} : { topology }),
    } as const;
    for (const id of shareIds(`card${index}`, shareCount)) tree.addDevice('dxg', id, info);
  }
  return tree;
}
