// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import type { PodMapping } from './pod-mapping.ts';
import { requestedResources, type ResourceRequirements } from './requested-resources.ts';

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'add'; readonly path: string; readonly value: unknown };

/** The part of a pod that decides. */
export interface PatchablePod {
  readonly spec?: {
    readonly containers?: readonly PatchableContainer[];
    readonly initContainers?: readonly PatchableContainer[];
  };
}

/** The part of a container that decides. */
export interface PatchableContainer {
  readonly resources?: ResourceRequirements;
  readonly env?: readonly EnvironmentVariable[];
}

/** Whatever else it has, as `valueFrom`, stays with it. */
export interface EnvironmentVariable {
  readonly name: string;
}

const namespace = 'fpga.intel.com';

/**
 * What has to change in a pod so that the names of mappings in it become resources of nodes, and containers in region mode tell
 * fpga-crihook what to program. No operation where nothing of ours is requested; a resource of nodes by its own name stays as it is.
 *
 * Upstream: pkg/fpgacontroller/patcher. Other than there: variables keep their order and `valueFrom`, init containers count,
 * a resource by its own name does not keep the others of its container from being mapped, and `FPGA_REGION…` and `FPGA_AFU…` that a
 * user sets beside a mapped resource are taken out in every mode. Beside resources by their own names they stay: the user programs.
 *
 * @throws DevicePluginError `CONFIG_INVALID` for a resource that is none, quantities that cannot be, or several modes in one container.
 */
export function patchPod({ spec = {} }: PatchablePod, mappings: Iterable<PodMapping>): readonly PatchOperation[] {
  const known = [...mappings];
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, index) => patchContainer(container, `/spec/${list}/${index}`, known)),
  );
}

interface Wanted {
  readonly mapping: PodMapping;
  readonly count: number;
}

function patchContainer(
  container: PatchableContainer,
  path: string,
  known: readonly PodMapping[],
): readonly PatchOperation[] {
  const requested = requestedResources(container.resources ?? {}, namespace);
  if (requested.size === 0) return [];
  const wanted: Wanted[] = [];
  for (const [name, count] of requested) {
    const mapping = known.find((candidate) => candidate.name === name);
    if (mapping !== undefined) wanted.push({ mapping, count });
    else if (!known.some(({ target }) => target === name)) throw invalid(`there is no resource ${namespace}/${name}`);
  }
  if (wanted.length === 0) return [];
  requireOneMode(wanted);
  requireFew(wanted);
  return [...resourceOperations(requested, wanted, path), ...environmentOperations(container.env, wanted, path)];
}

function requireOneMode(wanted: readonly Wanted[]): void {
  const modes = new Set(wanted.map(({ mapping }) => mapping.mode));
  if (modes.size > 1) throw invalid(`a container cannot have FPGAs in several modes: ${[...modes].join(', ')}`);
}

/** A quantity must not decide how large a patch gets. */
function requireFew(wanted: readonly Wanted[]): void {
  const units = wanted.reduce((sum, { count }) => sum + count, 0);
  if (units > maxUnits)
    throw invalid(`a container cannot have ${units} FPGAs: at most ${maxUnits}, more than a node has`);
}

const maxUnits = 64;

/** What is requested by its own name as well is added to, not replaced. */
function resourceOperations(
  requested: ReadonlyMap<string, number>,
  wanted: readonly Wanted[],
  path: string,
): readonly PatchOperation[] {
  const totals = new Map<string, number>();
  for (const { mapping, count } of wanted) {
    const { target } = mapping;
    totals.set(target, (totals.get(target) ?? requested.get(target) ?? 0) + count);
  }
  const places = ['limits', 'requests'].map((kind) => `${path}/resources/${kind}`);
  const pathOf = (place: string, name: string): string => `${place}/${escapePointer(`${namespace}/${name}`)}`;
  return [
    ...wanted.flatMap(({ mapping }) =>
      places.map((place) => ({ op: 'remove', path: pathOf(place, mapping.name) }) as const),
    ),
    ...[...totals].flatMap(([target, total]) =>
      places.map((place) => ({ op: 'add', path: pathOf(place, target), value: String(total) }) as const),
    ),
  ];
}

/** One number for each unit, so that a container with two regions has two pairs of variables. */
function environmentOperations(
  environment: readonly EnvironmentVariable[] = [],
  wanted: readonly Wanted[],
  path: string,
): readonly PatchOperation[] {
  const units = wanted.flatMap(({ mapping, count }) =>
    mapping.mode === 'region' ? Array.from({ length: count }, () => mapping) : [],
  );
  const ours = units.flatMap(({ interfaceId, afuId = '' }, index) => [
    { name: `FPGA_REGION_${index + 1}`, value: interfaceId },
    { name: `FPGA_AFU_${index + 1}`, value: afuId },
  ]);
  const theirs = environment.filter(({ name }) => !/^FPGA_(?:REGION|AFU)/.test(name));
  if (ours.length === 0 && theirs.length === environment.length) return [];
  return [{ op: 'add', path: `${path}/env`, value: [...ours, ...theirs] }];
}

/** Source: RFC 6901, section 4. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', message);
}
