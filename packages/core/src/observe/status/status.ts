// SPDX-License-Identifier: Apache-2.0
import type { DeviceUser } from '../../rpc/device-users.ts';
import type { TransitionTarget } from '../device-history.ts';

/**
 * What `/status.json` says. Stable: fields may be added, none is removed or changes its meaning while `format` is 1.
 * Times are ISO 8601 in UTC. Described in docs/guides/see-what-runs.md.
 */
export interface Status {
  readonly format: 1;
  /** Of the process: that of its plugin, or of what runs several. */
  readonly program: string;
  readonly version: string;
  readonly startedAt: string;
  readonly madeAt: string;
  /** Whether all plugins are. */
  readonly ready: boolean;
  /** Why nothing is said of pods; there is none when it is. */
  readonly usersUnknown?: string;
  readonly plugins: readonly PluginStatus[];
}

/** One plugin of the process. */
export interface PluginStatus {
  readonly name: string;
  readonly ready: boolean;
  /** Those of /readyz. */
  readonly lines: readonly string[];
  readonly lastScan?: { readonly at: string; readonly error?: string };
  readonly resources: readonly ResourceStatus[];
}

/** One resource. */
export interface ResourceStatus {
  readonly name: string;
  /** Why pods do not get it. */
  readonly problem?: string;
  readonly registrations: Outcomes;
  readonly allocations: Outcomes;
  readonly deviceCount: number;
  readonly unhealthyCount: number;
  /** Unhealthy ones first, then by id: those of the page, or the first of them where all resources are shown. */
  readonly devices: readonly DeviceStatus[];
  /** Counted from 1; there is none where all resources are shown. */
  readonly page?: number;
  /** Of this resource alone. */
  readonly pageCount: number;
  readonly leftOutCount: number;
  /** Devices that are not served, the first of them. */
  readonly leftOut: readonly { readonly id: string; readonly reason: string }[];
  /** Devices that were removed within the last hour, the first of them. */
  readonly gone: readonly { readonly id: string; readonly history: readonly TransitionStatus[] }[];
}

/** How often something worked, and how often it did not. */
export interface Outcomes {
  readonly ok: number;
  readonly error: number;
}

/** One device. */
export interface DeviceStatus {
  readonly id: string;
  readonly health: 'Healthy' | 'Unhealthy';
  /** Of an unhealthy device. */
  readonly reason?: string;
  /** NUMA nodes; none where the host names none. */
  readonly numa: readonly number[];
  /** Paths of device nodes on the host. */
  readonly nodes: readonly string[];
  /** Containers that have it; absent where nothing is known of pods. */
  readonly users?: readonly DeviceUser[];
  /** The last changes, oldest first: at most 20. A device that has always been there, and healthy, has none. */
  readonly history: readonly TransitionStatus[];
}

/** One change of a device. */
export interface TransitionStatus {
  readonly to: TransitionTarget;
  readonly at: string;
  readonly reason?: string;
}
