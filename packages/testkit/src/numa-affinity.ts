// SPDX-License-Identifier: Apache-2.0

/** Free devices by how they lie to the NUMA nodes that the topology manager chose. */
export interface AffinityGroups {
  readonly aligned: readonly string[];
  readonly unaligned: readonly string[];
  readonly noAffinity: readonly string[];
}

/**
 * A device is aligned when one of its nodes is among those of the hint. Without a hint, and when no device has topology, all of them
 * have no affinity. Upstream: pkg/kubelet/cm/devicemanager/manager.go, filterByAffinity.
 */
export function groupByAffinity(
  ids: readonly string[],
  nodesOf: (id: string) => readonly number[],
  hint: readonly number[] | undefined,
): AffinityGroups {
  const hasNodes = (id: string): boolean => nodesOf(id).length > 0;
  if (hint === undefined || !ids.some(hasNodes)) return { aligned: [], unaligned: [], noAffinity: ids };
  const isAligned = (id: string): boolean => nodesOf(id).some((node) => hint.includes(node));
  return {
    aligned: ids.filter(isAligned),
    unaligned: ids.filter((id) => hasNodes(id) && !isAligned(id)),
    noAffinity: ids.filter((id) => !hasNodes(id)),
  };
}
