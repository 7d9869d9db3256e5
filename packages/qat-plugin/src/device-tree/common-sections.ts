// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import type { KernelDevice } from '../sysfs/kernel-mode/read-kernel-devices.ts';
import type { SectionConfig } from '../sysfs/kernel-mode/section-config.ts';

/** A section of one name on all devices that have it. */
export interface CommonSection extends Omit<SectionConfig, 'processes'> {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

interface Endpoint {
  /** `dev0`; with its type in front where another device is a `dev0` as well. */
  readonly id: string;
  readonly processes: number;
}

/**
 * The sections of all devices, in the order in which they are found.
 *
 * @throws DevicePluginError `CONFIG_INVALID` when two devices give one section different instances, disagree on whether it is pinned
 * or, where it is not, on the number of its processes; or when a pinned section is not on every device.
 */
export function commonSections(devices: readonly KernelDevice[]): CommonSection[] {
  const names = new Set(devices.flatMap(({ sections }) => [...sections.keys()]));
  return [...names].map((name) => commonSection(name, devices));
}

type Found = readonly [KernelDevice, SectionConfig];

function commonSection(name: string, devices: readonly KernelDevice[]): CommonSection {
  const found = devices.flatMap((device): Found[] => {
    const config = device.sections.get(name);
    return config === undefined ? [] : [[device, config]];
  });
  const [first, ...others] = found as [Found, ...Found[]];
  for (const other of others) mustAgree(name, first, other);
  const { isPinned, cyInstances, dcInstances } = first[1];
  const without = devices.find(({ sections }) => !sections.has(name));
  if (isPinned && without !== undefined)
    throw inconsistent(
      name,
      `is pinned (LimitDevAccess=1) on ${fileOf(first[0])}, so it has to be in ${fileOf(without)} too`,
    );
  const endpoints = found.map(([device, { processes }]) => ({ id: endpointId(device, devices), processes }));
  return { name, isPinned, cyInstances, dcInstances, endpoints };
}

function mustAgree(name: string, [firstDevice, first]: Found, [otherDevice, other]: Found): void {
  const keys = first.isPinned ? keysOfPinned : keysOfShared;
  const [key] = Object.entries(keys).find(([, property]) => first[property] !== other[property]) ?? [];
  if (key === undefined) return;
  throw inconsistent(
    name,
    `${key} differs between ${fileOf(firstDevice)} and ${fileOf(otherDevice)}: it has to be the same`,
  );
}

const keysOfPinned = {
  LimitDevAccess: 'isPinned',
  NumberCyInstances: 'cyInstances',
  NumberDcInstances: 'dcInstances',
} as const;
const keysOfShared = { ...keysOfPinned, NumProcesses: 'processes' } as const;

function endpointId({ id, type }: KernelDevice, devices: readonly KernelDevice[]): string {
  return devices.filter((device) => device.id === id).length > 1 ? `${type}_${id}` : id;
}

function fileOf({ id, type }: KernelDevice): string {
  return `/etc/${type}_${id}.conf`;
}

function inconsistent(name: string, problem: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', `section [${name}]: ${problem}`);
}
