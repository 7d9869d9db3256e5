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

/**
 * Merges the answers for the resources of one container. Where two of them say something about the same environment variable,
 * annotation, CDI name or path in the container, the first one counts; the kubelet's order is that of a Go map, so none at all.
 * Upstream: pkg/kubelet/cm/devicemanager/pod_devices.go, deviceRunContainerOptions.
 */
export function mergeResponses(responses: readonly deviceplugin.ContainerAllocateResponse[]): ContainerResources {
  return {
    envs: Object.fromEntries(
      firstOfEach(
        responses.flatMap(({ envs }) => Object.entries(envs)),
        ([name]) => name,
      ),
    ),
    mounts: firstOfEach(
      responses.flatMap(({ mounts }) => mounts),
      ({ containerPath }) => containerPath,
    ),
    devices: firstOfEach(
      responses.flatMap(({ devices }) => devices),
      ({ containerPath }) => containerPath,
    ),
    annotations: Object.fromEntries(
      firstOfEach(
        responses.flatMap(({ annotations }) => Object.entries(annotations)),
        ([key]) => key,
      ),
    ),
    cdiDevices: [...new Set(responses.flatMap(({ cdiDevices }) => cdiDevices.map(({ name }) => name)))],
  };
}

function firstOfEach<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey.values()];
}
