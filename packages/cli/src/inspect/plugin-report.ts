// SPDX-License-Identifier: Apache-2.0
import {
  cdiDeviceName,
  type DeviceInfo,
  type DeviceSpec,
  type Health,
  type Mount,
  type ScanFindings,
} from '@kube-device-plugins/core';

/**
 * What `kdp inspect` tells of one plugin, and what it prints with `-o json` and `-o yaml`. What is here stays, with its meaning;
 * there may be more in later versions. Paths are those of the host, whatever it is looked at through.
 */
export interface PluginReport {
  readonly plugin: string;
  /** `failed`: the scan did. `refused`: its flags, or those that are missing, forbid it to run. */
  readonly outcome: 'scanned' | 'failed' | 'refused';
  /** Why it failed or refused. */
  readonly problem?: string;
  readonly resources: readonly ResourceReport[];
  /** What was looked at and left out, or is not as it should be. */
  readonly remarks: readonly RemarkReport[];
  /** Where it looked; empty when it found devices. */
  readonly lookedAt: readonly LookedAt[];
}

export interface ResourceReport {
  /** Full name: `gpu.intel.com/i915`. */
  readonly resource: string;
  readonly devices: readonly DeviceReport[];
}

export interface DeviceReport {
  readonly id: string;
  readonly health: Health;
  /** Why it is unhealthy. */
  readonly reason?: string;
  readonly numaNodes: readonly number[];
  readonly nodes: readonly DeviceSpec[];
  readonly mounts: readonly Mount[];
  readonly envs: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Full names: `intel.com/gpu=card0`. */
  readonly cdiDevices: readonly string[];
}

export interface RemarkReport {
  /** A device, its PCI address, a file. */
  readonly subject: string;
  readonly message: string;
  readonly reason: string;
}

export interface LookedAt {
  readonly path: string;
  /** Number of entries of a directory; undefined when it is not there. */
  readonly entries?: number;
}

/** @param atHost - a text with paths of this process as one with those of the host. */
export function reportFindings(
  plugin: string,
  { resources, leftOut, remarks }: ScanFindings,
  atHost: (text: string) => string,
): PluginReport {
  const refused = [...leftOut].flatMap(([resource, reasons]) =>
    [...reasons].map(([id, reason]) => ({ subject: `${resource} ${id}`, message: 'device is left out', reason })),
  );
  return {
    plugin,
    outcome: 'scanned',
    resources: [...resources].sort(byName).map(([resource, devices]) => ({
      resource,
      devices: [...devices].sort(byName).map(([id, info]) => reportDevice(id, info, atHost)),
    })),
    remarks: [
      ...refused,
      ...remarks.map(({ subject, message, reason }) => ({ subject, message, reason: atHost(reason) })),
    ],
    lookedAt: [],
  };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function reportDevice(id: string, info: DeviceInfo, atHost: (text: string) => string): DeviceReport {
  const { health, healthReason, nodes, mounts = [], envs = {}, annotations = {}, topology, cdiDevices = [] } = info;
  return {
    id,
    health,
    ...(health === 'Healthy' || healthReason === undefined ? {} : { reason: atHost(healthReason) }),
    numaNodes: topology?.nodes.map(({ ID }) => ID) ?? [],
    nodes: nodes.map((node) => placedAtHost(node, atHost)),
    mounts: mounts.map((mount) => placedAtHost(mount, atHost)),
    envs,
    annotations,
    cdiDevices: cdiDevices.map(cdiDeviceName),
  };
}

/** Below a prefix, a plugin may have its paths on both sides. */
function placedAtHost<T extends DeviceSpec | Mount>(part: T, atHost: (text: string) => string): T {
  return { ...part, hostPath: atHost(part.hostPath), containerPath: atHost(part.containerPath) };
}
