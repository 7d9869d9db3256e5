// SPDX-License-Identifier: Apache-2.0
import { glob } from 'node:fs/promises';

/** A kind of device that many hosts have. */
export interface DeviceKind {
  readonly resource: string;
  /** Absolute glob of the device nodes, one device each. */
  readonly pattern: string;
}

/**
 * The kinds looked for; those that do no harm to a host when a program plays with them come first, and are allocated first.
 * Source of the paths: Linux, Documentation/admin-guide/devices.txt; by-id names are udev's.
 */
export const deviceKinds: readonly DeviceKind[] = [
  { resource: 'host.example.com/fuse', pattern: '/dev/fuse' },
  { resource: 'host.example.com/tun', pattern: '/dev/net/tun' },
  { resource: 'host.example.com/loop', pattern: '/dev/loop[0-9]*' },
  { resource: 'host.example.com/kvm', pattern: '/dev/kvm' },
  { resource: 'host.example.com/render', pattern: '/dev/dri/renderD*' },
  { resource: 'host.example.com/card', pattern: '/dev/dri/card*' },
  { resource: 'host.example.com/serial', pattern: '/dev/serial/by-id/*' },
  { resource: 'host.example.com/vfio', pattern: '/dev/vfio/[0-9]*' },
];

/** The kinds of which this host has at least one device node now, in the order of {@link deviceKinds}. */
export async function findDeviceKinds(root = '/'): Promise<DeviceKind[]> {
  const found = await Promise.all(deviceKinds.map(async (kind) => ((await hasAny(kind, root)) ? [kind] : [])));
  return found.flat();
}

async function hasAny({ pattern }: DeviceKind, root: string): Promise<boolean> {
  const first = await glob(pattern.slice(1), { cwd: root }).next();
  return first.done !== true;
}
