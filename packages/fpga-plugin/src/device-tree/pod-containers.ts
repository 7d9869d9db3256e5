// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import type { Quantities } from './requested-resources.ts';

/** The part of a pod that decides; `null` is as good as absent, as in Kubernetes. */
export interface PatchablePod {
  readonly spec?: {
    readonly containers?: readonly (PatchableContainer | null)[] | null;
    readonly initContainers?: readonly (PatchableContainer | null)[] | null;
  } | null;
}

/** The part of a container that decides. */
export interface PatchableContainer {
  readonly resources?: { readonly limits?: Quantities | null; readonly requests?: Quantities | null } | null;
  readonly env?: readonly EnvironmentVariable[] | null;
}

/** Whatever else it has, as `valueFrom`, stays with it. */
export interface EnvironmentVariable {
  readonly name: string;
}

/** What a container has, and where. */
export interface ContainerParts {
  /** A JSON pointer: `/spec/containers/0`. */
  readonly path: string;
  readonly limits: Quantities | undefined;
  readonly requests: Quantities | undefined;
  readonly env: readonly EnvironmentVariable[];
}

/**
 * All containers of a pod, which may come as somebody wrote it.
 *
 * @throws DevicePluginError `CONFIG_INVALID` for what is no pod, or larger than any that an API server holds.
 */
export function containersOf(pod: PatchablePod | null | undefined): readonly ContainerParts[] {
  const spec = objectAt(objectAt(pod, 'the pod')?.['spec'], '/spec');
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    listAt(spec?.[list], `/spec/${list}`, maxContainers).map((container, index) =>
      partsOf(container, `/spec/${list}/${index}`),
    ),
  );
}

/**
 * API servers take requests of 3 MiB (Kubernetes, MaxRequestBodyBytes) and store objects of 1.5 MiB (etcd, --max-request-bytes), which
 * is room for about a thousand containers that are worth the name.
 */
const maxContainers = 1_000;

/** Variables or resources of one container, likewise. */
const maxEntries = 10_000;

function partsOf(value: unknown, path: string): ContainerParts {
  const container = objectAt(value, path);
  const resources = objectAt(container?.['resources'], `${path}/resources`);
  return {
    path,
    limits: quantitiesAt(resources?.['limits'], `${path}/resources/limits`),
    requests: quantitiesAt(resources?.['requests'], `${path}/resources/requests`),
    env: listAt(container?.['env'], `${path}/env`, maxEntries).map((variable, index) =>
      variableAt(variable, `${path}/env/${index}`),
    ),
  };
}

/** What the quantities are is looked at where they are ours. */
function quantitiesAt(value: unknown, path: string): Quantities | undefined {
  const quantities = objectAt(value, path);
  if (quantities !== undefined) requireFew(Object.keys(quantities).length, path, maxEntries);
  return quantities as Quantities | undefined;
}

function variableAt(value: unknown, path: string): EnvironmentVariable {
  const variable = objectAt(value, path);
  if (typeof variable?.['name'] !== 'string') throw invalid(`${path} has no name`);
  return variable as Readonly<Record<string, unknown>> & EnvironmentVariable;
}

function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(`${path} is no object`);
  return value as Readonly<Record<string, unknown>>;
}

function listAt(value: unknown, path: string, most: number): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${path} is no list`);
  requireFew(value.length, path, most);
  return value as readonly unknown[];
}

function requireFew(count: number, path: string, most: number): void {
  if (count > most) throw invalid(`${path} has ${count} entries: at most ${most}`);
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', message);
}
