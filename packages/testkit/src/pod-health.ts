// SPDX-License-Identifier: Apache-2.0
import { healthy, type deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { Assignments } from './assignments.ts';
import type { PodRecord } from './pods.ts';
import type { ResourceTable } from './resource-table.ts';
import type { SeededRandom } from './seeded-random.ts';

/** An entry of `status.containerStatuses[].allocatedResourcesStatus`, with the names of the Kubernetes API. */
export interface AllocatedResourceStatus {
  /** The resource. */
  readonly name: string;
  readonly resources: readonly { readonly resourceID: string; readonly health: 'Healthy' | 'Unhealthy' }[];
}

/** Container → what its status says of its devices. */
export type PodHealth = Readonly<Record<string, readonly AllocatedResourceStatus[]>>;

/**
 * Init containers are left out. The last health that was listed counts, so that a lost plugin changes nothing; a device that is not
 * listed any more, or not listed since the kubelet started, reads as healthy.
 * Upstream: pkg/kubelet/cm/devicemanager/manager.go, UpdateAllocatedResourcesStatus (KEP-4680).
 */
export function podHealthOf({ uid, spec }: PodRecord, assignments: Assignments, resources: ResourceTable): PodHealth {
  const statusesOf = (container: string): AllocatedResourceStatus[] =>
    assignments.ofContainer(uid, container).map(({ resource, devices }) => ({
      name: resource,
      resources: [...devices.keys()].map((resourceID) => {
        const listed = resources.record(resource).inventory?.devices.get(resourceID);
        return { resourceID, health: listed === undefined || listed.health === healthy ? 'Healthy' : 'Unhealthy' };
      }),
    }));
  return Object.fromEntries(spec.containers.map(({ name }) => [name, statusesOf(name)]));
}

/**
 * UIDs of the pods whose status is written anew after this list: those that hold a device whose health differs, or which was not
 * listed before. One that is left out changes nothing. Who holds a device is found by its id alone, so that of two resources which use
 * the same id the wrong pod may be found.
 */
export function podsToUpdate(
  before: ReadonlyMap<string, deviceplugin.Device> | undefined,
  list: readonly deviceplugin.Device[],
  assignments: Assignments,
  random: SeededRandom,
): ReadonlySet<string> {
  const changed = list.filter(({ ID, health }) => before?.get(ID)?.health !== health);
  return new Set(changed.flatMap(({ ID }) => random.shuffle(assignments.podsWith(ID)).slice(0, 1)));
}
