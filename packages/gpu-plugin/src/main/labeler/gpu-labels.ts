// SPDX-License-Identifier: Apache-2.0
import { splitLabel } from '../labels/split-label.ts';
import type { LabeledGpu } from './labeled-gpu.ts';

/**
 * The labels of a node with these GPUs, by full name. Lists have the GPUs in the order they come in.
 *
 * @param pciGroupingLevel parts of their PCI path that GPUs of one group have in common; 0 for no groups.
 * Upstream: cmd/internal/labeler/labeler.go, createLabels().
 */
export function gpuLabels(gpus: readonly LabeledGpu[], pciGroupingLevel: number): ReadonlyMap<string, string> {
  const tiles = gpus.reduce((sum, gpu) => sum + gpu.tiles, 0);
  const amounts = gpus.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  const labels: [string, string][] = [
    ['tiles', String(tiles)],
    ['millicores', gpus.length === 0 ? '' : String(millicoresPerGpu * gpus.length)],
    ['memory.max', amounts.length === 0 ? '' : String(amounts.reduce((sum, bytes) => sum + bytes))],
    // Deprecated upstream, and cut off where gpu-numbers goes on.
    ...splitLabel('cards', gpus.map(({ name }) => name).join('.')).slice(0, 1),
    ...splitLabel('gpu-numbers', gpus.map(numberOf).join('.')),
    ...splitLabel('numa-gpu-map', numaMap(gpus)),
    ...splitLabel('pci-groups', pciGroups(gpus, pciGroupingLevel)),
  ];
  return new Map(labels.flatMap(([name, value]) => (value === '' ? [] : [[`gpu.intel.com/${name}`, value]])));
}

const millicoresPerGpu = 1000;

function numberOf({ name }: LabeledGpu): string {
  return name.slice('card'.length);
}

/** `0-0.1_1-2.3`: node, its GPUs; nodes in the order of their numbers. */
function numaMap(gpus: readonly LabeledGpu[]): string {
  const byNode = Map.groupBy(
    gpus.filter(({ numaNode }) => numaNode !== undefined),
    ({ numaNode = 0 }) => numaNode,
  );
  return [...byNode]
    .sort(([a], [b]) => a - b)
    .map(([node, members]) => `${node}-${members.map(numberOf).join('.')}`)
    .join('_');
}

/** `0.1_2.3`: the GPUs of each group, in the order of the paths. */
function pciGroups(gpus: readonly LabeledGpu[], level: number): string {
  if (level === 0) return '';
  const grouped = Map.groupBy(gpus, ({ pciPath }) => pciPath.slice(0, level).join('/'));
  return [...grouped]
    .filter(([, [first]]) => first !== undefined && first.pciPath.length >= level)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => members.map(numberOf).join('.'))
    .join('_');
}
