// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/** What a container gets from all its device resources together. */
export interface ContainerResources {
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly deviceplugin.Mount[];
  readonly devices: readonly deviceplugin.DeviceSpec[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Fully qualified names, `vendor/class=device`. */
  readonly cdiDevices: readonly string[];
}

/** Two answers that differ about the same environment variable, annotation or path in the container. */
export interface MergeConflict {
  readonly kind: 'env' | 'mount' | 'device' | 'annotation';
  /** The name, the key or the path in the container. */
  readonly key: string;
  /** The resource whose answer counts, and the one whose answer does not; the same one when it contradicts itself. */
  readonly kept: string;
  readonly dropped: string;
}

/** What the plugin of a resource answered. */
export interface ResourceResponse {
  readonly resource: string;
  readonly response: deviceplugin.ContainerAllocateResponse;
}

/**
 * Merges the answers for the resources of one container. Where two of them say something about the same environment variable,
 * annotation, CDI name or path in the container, the first one counts; the kubelet's order is that of a Go map, so none at all.
 * Upstream: pkg/kubelet/cm/devicemanager/pod_devices.go, deviceRunContainerOptions.
 */
export function mergeResponses(
  responses: readonly ResourceResponse[],
): ContainerResources & { readonly conflicts: readonly MergeConflict[] } {
  const envs = merge('env', responses, ({ envs }) => Object.entries(envs), same);
  const mounts = merge('mount', responses, ({ mounts }) => byContainerPath(mounts), sameHostPath);
  const devices = merge('device', responses, ({ devices }) => byContainerPath(devices), sameHostPath);
  const annotations = merge('annotation', responses, ({ annotations }) => Object.entries(annotations), same);
  return {
    envs: Object.fromEntries(envs.values),
    mounts: [...mounts.values.values()],
    devices: [...devices.values.values()],
    annotations: Object.fromEntries(annotations.values),
    cdiDevices: [...new Set(responses.flatMap(({ response }) => response.cdiDevices.map(({ name }) => name)))],
    conflicts: [envs, mounts, devices, annotations].flatMap(({ conflicts }) => conflicts),
  };
}

interface Merged<Value> {
  readonly values: ReadonlyMap<string, Value>;
  readonly conflicts: readonly MergeConflict[];
}

function merge<Value>(
  kind: MergeConflict['kind'],
  responses: readonly ResourceResponse[],
  entriesOf: (response: deviceplugin.ContainerAllocateResponse) => readonly (readonly [string, Value])[],
  isSame: (a: Value, b: Value) => boolean,
): Merged<Value> {
  const kept = new Map<string, { readonly resource: string; readonly value: Value }>();
  const conflicts: MergeConflict[] = [];
  for (const { resource, response } of responses) {
    for (const [key, value] of entriesOf(response)) {
      const first = kept.get(key);
      if (first === undefined) kept.set(key, { resource, value });
      else if (!isSame(first.value, value)) conflicts.push({ kind, key, kept: first.resource, dropped: resource });
    }
  }
  return { values: new Map([...kept].map(([key, { value }]) => [key, value])), conflicts };
}

function byContainerPath<Item extends { readonly containerPath: string }>(
  items: readonly Item[],
): (readonly [string, Item])[] {
  return items.map((item) => [item.containerPath, item]);
}

function same(a: string, b: string): boolean {
  return a === b;
}

/** The kubelet compares nothing else of a mount or device. */
function sameHostPath(a: { readonly hostPath: string }, b: { readonly hostPath: string }): boolean {
  return a.hostPath === b.hostPath;
}
