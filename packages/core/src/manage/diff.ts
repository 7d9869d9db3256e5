// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { Devices, DeviceTree } from '../device-tree.ts';

/** What there is of a tree to compare. */
export type DeviceResources = Pick<DeviceTree, 'resources'>;

/** What has to happen to get from one tree to the next, by resource. */
export interface DeviceTreeDiff {
  readonly added: ReadonlyMap<string, Devices>;
  /** Resources that were there before and have any other device, or a device that gives anything else. */
  readonly updated: ReadonlyMap<string, Devices>;
  readonly removed: readonly string[];
}

/**
 * Compares two trees. The order of a device's nodes and mounts counts, that of variables and annotations does not.
 *
 * @param previous - undefined before the first tree.
 */
export function diffDeviceTrees(previous: DeviceResources | undefined, next: DeviceResources): DeviceTreeDiff {
  const before = previous?.resources ?? new Map<string, Devices>();
  const after = next.resources;
  return {
    added: new Map([...after].filter(([resource]) => !before.has(resource))),
    updated: new Map(
      [...after].filter(
        ([resource, devices]) => before.has(resource) && !isDeepStrictEqual(before.get(resource), devices),
      ),
    ),
    removed: [...before.keys()].filter((resource) => !after.has(resource)),
  };
}

/** True when there is nothing to do. */
export function isEmptyDiff({ added, updated, removed }: DeviceTreeDiff): boolean {
  return added.size === 0 && updated.size === 0 && removed.length === 0;
}
