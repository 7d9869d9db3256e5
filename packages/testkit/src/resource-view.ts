// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/** One device as the kubelet sees it. */
export interface DeviceView {
  readonly id: string;
  /** 'Unhealthy' too while the plugin is disconnected. */
  readonly health: 'Healthy' | 'Unhealthy';
  /** As listed; empty without topology. */
  readonly numaNodes: readonly number[];
  /** Not a pod that is over, even though the kubelet gives its devices to others only when the next pod comes. */
  readonly holder: { readonly pod: string; readonly container: string } | undefined;
}

/** One resource as the kubelet sees it. */
export interface ResourceView {
  readonly resource: string;
  /** 'forgotten' when the plugin has been gone for five minutes, and after a restart without a checkpoint. */
  readonly state: 'connected' | 'disconnected' | 'forgotten';
  /** Whether a list has ever come, or the stream ended without one: kubelets do not report a resource before. */
  readonly isReported: boolean;
  readonly capacity: number;
  readonly allocatable: number;
  /** By id. */
  readonly devices: readonly DeviceView[];
  /** As the plugin registered it; nothing after a restart of the kubelet. */
  readonly endpoint: string | undefined;
  /** Where the plugin listens: the endpoint below the device plugin directory. */
  readonly socketPath: string | undefined;
  readonly options: deviceplugin.DevicePluginOptions | undefined;
  /** Register calls so far, those that failed included, as the kubelet's metric counts them. */
  readonly registrations: number;
}

/** The device resources in the status of the node. */
export interface NodeView {
  readonly capacity: Readonly<Record<string, number>>;
  readonly allocatable: Readonly<Record<string, number>>;
}

/** What the kubelet writes to the node's status. */
export function nodeView(resources: Iterable<ResourceView>): NodeView {
  const reported = [...resources].filter(({ isReported }) => isReported);
  return {
    capacity: Object.fromEntries(reported.map(({ resource, capacity }) => [resource, capacity])),
    allocatable: Object.fromEntries(reported.map(({ resource, allocatable }) => [resource, allocatable])),
  };
}
