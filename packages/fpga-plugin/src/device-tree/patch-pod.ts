// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { containersOf, type ContainerParts, type PatchablePod } from './pod-containers.ts';
import type { PodMapping } from './pod-mapping.ts';
import { requestedResources } from './requested-resources.ts';

export type { EnvironmentVariable, PatchableContainer, PatchablePod } from './pod-containers.ts';
export {
  acceleratorFunctionMapping,
  fpgaRegionMapping,
  type AcceleratorFunctionSpec,
  type PodMapping,
} from './pod-mapping.ts';

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'add'; readonly path: string; readonly value: unknown };

const namespace = 'fpga.intel.com';

/**
 * What has to change in a pod so that the names of mappings in it become resources of nodes, and containers in region mode tell
 * fpga-crihook what to program. No operation where nothing of ours is requested; a resource of nodes by its own name stays as it is.
 *
 * Upstream: pkg/fpgacontroller/patcher. Other than there: variables keep their order and `valueFrom`, init containers count,
 * a resource by its own name does not keep the others of its container from being mapped, and `FPGA_REGION…` and `FPGA_AFU…` that a
 * user sets beside a mapped resource are taken out in every mode. Beside resources by their own names they stay: the user programs.
 *
 * Variables that come by `envFrom` are not in the pod, and so are not taken out.
 *
 * @throws DevicePluginError `CONFIG_INVALID` for a resource that is none, quantities that cannot be, several modes in one container,
 * and a pod that is none or larger than any that there can be.
 */
export function patchPod(
  pod: PatchablePod | null | undefined,
  mappings: Iterable<PodMapping>,
): readonly PatchOperation[] {
  const known = new Map<string, PodMapping>();
  for (const mapping of mappings) if (!known.has(mapping.name)) known.set(mapping.name, mapping);
  const targets = new Set([...known.values()].map(({ target }) => target));
  return containersOf(pod).flatMap((container) => patchContainer(container, known, targets));
}

interface Wanted {
  readonly mapping: PodMapping;
  readonly count: number;
}

function patchContainer(
  container: ContainerParts,
  known: ReadonlyMap<string, PodMapping>,
  targets: ReadonlySet<string>,
): readonly PatchOperation[] {
  const { limits = {}, requests = {} } = container;
  const requested = requestedResources(limits, requests, namespace);
  const wanted: Wanted[] = [];
  for (const [name, count] of requested) {
    const mapping = known.get(name);
    if (mapping !== undefined) wanted.push({ mapping, count });
    else if (!targets.has(name)) throw invalid(`there is no resource ${namespace}/${name}`);
  }
  if (wanted.length === 0) return [];
  requireOneMode(wanted);
  requireFew(wanted);
  return [...resourceOperations(container, requested, wanted), ...environmentOperations(container, wanted)];
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

/** What is requested by its own name as well is added to, not replaced; unless that is the name of a mapping too. */
function resourceOperations(
  container: ContainerParts,
  requested: ReadonlyMap<string, number>,
  wanted: readonly Wanted[],
): readonly PatchOperation[] {
  const mapped = new Set(wanted.map(({ mapping }) => mapping.name));
  const totals = new Map<string, number>();
  for (const { mapping, count } of wanted) {
    const { target } = mapping;
    const before = totals.get(target) ?? (mapped.has(target) ? 0 : (requested.get(target) ?? 0));
    totals.set(target, before + count);
  }
  return [
    ...[...mapped].flatMap((name) => removals(container, fullName(name))),
    ...additions(container, new Map([...totals].map(([target, total]) => [fullName(target), String(total)]))),
  ];
}

const kinds = ['limits', 'requests'] as const;

function removals(container: ContainerParts, name: string): readonly PatchOperation[] {
  const path = (kind: string): string => `${container.path}/resources/${kind}/${escapePointer(name)}`;
  return kinds
    .filter((kind) => Object.hasOwn(container[kind] ?? {}, name))
    .map((kind) => ({ op: 'remove', path: path(kind) }));
}

/** Where there are no requests at all, there is no place to add one. */
function additions(container: ContainerParts, quantities: ReadonlyMap<string, string>): readonly PatchOperation[] {
  const { path, requests } = container;
  const present = requests === undefined ? (['limits'] as const) : kinds;
  const single = [...quantities].flatMap(([name, value]) =>
    present.map((kind) => ({ op: 'add', path: `${path}/resources/${kind}/${escapePointer(name)}`, value }) as const),
  );
  const whole = { op: 'add', path: `${path}/resources/requests`, value: Object.fromEntries(quantities) } as const;
  return requests === undefined ? [...single, whole] : single;
}

function fullName(name: string): string {
  return `${namespace}/${name}`;
}

/** One number for each unit, so that a container with two regions has two pairs of variables. */
function environmentOperations({ path, env }: ContainerParts, wanted: readonly Wanted[]): readonly PatchOperation[] {
  const units = wanted.flatMap(({ mapping, count }) =>
    mapping.mode === 'region' ? Array.from({ length: count }, () => mapping) : [],
  );
  const ours = units.flatMap(({ interfaceId, afuId = '' }, index) => [
    { name: `FPGA_REGION_${index + 1}`, value: interfaceId },
    { name: `FPGA_AFU_${index + 1}`, value: afuId },
  ]);
  const theirs = env.filter(({ name }) => !/^FPGA_(?:REGION|AFU)/.test(name));
  if (ours.length === 0 && theirs.length === env.length) return [];
  return [{ op: 'add', path: `${path}/env`, value: [...ours, ...theirs] }];
}

/** Source: RFC 6901, section 4. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', message);
}
