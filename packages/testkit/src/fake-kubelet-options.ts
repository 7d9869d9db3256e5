// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { Clock } from './clock.ts';
import type { FaultPlan } from './kubelet-faults.ts';
import type { KubeletProfile } from './kubelet-profile.ts';

/** How a {@link FakeKubelet} behaves. */
export interface FakeKubeletOptions {
  /** The device plugin directory; made when it is not there. A kubelet's own is /var/lib/kubelet/device-plugins. */
  readonly dir: string;
  /** Where the plugin watcher looks for registration sockets, e.g. /var/lib/kubelet/plugins_registry; it is off without. */
  readonly pluginsRegistryDir?: string;
  /** How often the plugin watcher looks. Default 1000, the kubelet's. */
  readonly pluginWatcherPeriodMs?: number;
  /** Where podresources is served as kubelet.sock, e.g. /var/lib/kubelet/pod-resources; it is off without. */
  readonly podResourcesDir?: string;
  /** Of everything that is in no order: device ids, resources of a container. The same seed gives the same order. Default 1. */
  readonly seed?: number;
  /** The release whose kubelet to behave like. Default '1.37'. */
  readonly profile?: KubeletProfile;
  /** Gate ResourceHealthStatus, where the release has it. Default: that of the release, on since 1.36. */
  readonly resourceHealthStatus?: boolean;
  /** What the long waits go by. Default: real time. */
  readonly clock?: Clock;
  /** How long Register tries to connect to the plugin. Default 10 000, the kubelet's. */
  readonly dialTimeoutMs?: number;
  /** How long PreStartContainer may take. Default 30 000, the kubelet's. */
  readonly preStartTimeoutMs?: number;
  /** What goes wrong; {@link FakeKubelet.faults} changes it later. Default: nothing. */
  readonly faults?: FaultPlan;
  readonly limits?: KubeletLimits;
  /** Awaited in each Register call that is valid, before the plugin is called back: reject to refuse it, take your time to be slow. */
  readonly beforeRegister?: (request: deviceplugin.RegisterRequest) => Promise<void>;
}

/** Sizes on the wire. */
export interface KubeletLimits {
  /** Longest message that the kubelet takes, from a plugin as from a caller of Register. Default 4 MiB, that of grpc-go. */
  readonly messageBytes?: number;
  /** HTTP/2 window of a stream and of a connection: what a peer may send before it has to wait. Default 65,535, that of HTTP/2. */
  readonly windowBytes?: number;
  /** Calls that one connection to kubelet.sock may have under way. Default: no limit. */
  readonly concurrentStreams?: number;
}
