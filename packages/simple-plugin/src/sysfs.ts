// SPDX-License-Identifier: Apache-2.0
import { messageOf, readTopology, type Host, type TopologyInfo } from '@kube-device-plugins/core';
import type { DeviceRule, HostResource } from './options/host-resource.ts';
import { deviceDirectory } from './options/path-pattern.ts';
import { readPathDevices, watchedByPaths } from './sysfs/path-devices.ts';
import type { FoundNode, UnplacedDevice } from './sysfs/found-node.ts';
import { readUsbBus, readUsbDevices, watchedByUsb, type UsbBusDevice } from './sysfs/usb-devices.ts';

/** The directories of the host that have to be mounted where the plugin runs. */
export const hostPaths = [deviceDirectory];

/** What was found of all resources at one moment. */
export interface HostSnapshot {
  readonly resources: readonly FoundResource[];
  /** The directories in which a device of them may come or go, as the host names them. */
  readonly watched: readonly string[];
}

/** The devices of one resource, in the order of its rules. */
export interface FoundResource {
  readonly name: string;
  readonly devices: readonly FoundDevice[];
}

/** One device, be it there or only asked for. */
export interface FoundDevice extends UnplacedDevice {
  readonly topology?: TopologyInfo;
  /** Why its NUMA node is not known, where it should be. */
  readonly remark?: string;
}

/**
 * Looks up the devices of each resource.
 *
 * A path without wildcards is always in the result, with a problem while there is nothing to have; one with wildcards stands for what matches.
 * A device that two rules of a resource find counts for the first. What leads out of /dev through a symlink is no device node.
 *
 * @param last - the result of the scan before: where a device is in the machine is looked up when it comes, and not at each scan.
 */
export async function readHostResources(
  host: Host,
  resources: readonly HostResource[],
  last: readonly FoundResource[] = [],
): Promise<HostSnapshot> {
  const known = new Map(last.flatMap(({ devices }) => devices).map((device) => [placeKey(device.nodes), device]));
  const rules = resources.flatMap(({ devices }) => devices);
  const bus = rules.some(({ kind }) => kind === 'usb') ? await readUsbBus(host) : [];
  const found: FoundResource[] = [];
  for (const { name, devices } of resources) {
    const byName = new Map<string, FoundDevice>();
    for (const rule of devices) {
      for (const device of await readDevices(host, rule, bus)) {
        const key = device.name.join('\0');
        if (!byName.has(key)) byName.set(key, { ...device, ...(await readPlace(host, device, known)) });
      }
    }
    found.push({ name, devices: [...byName.values()] });
  }
  return { resources: found, watched: await watchedDirectories(host, rules) };
}

/** Each costs an inotify watch. What is beyond them is known to the scans only. */
const maxWatchedDirectories = 256;

async function readDevices(
  host: Host,
  rule: DeviceRule,
  bus: readonly UsbBusDevice[],
): Promise<readonly UnplacedDevice[]> {
  return rule.kind === 'usb' ? await readUsbDevices(host, rule, bus) : await readPathDevices(host, rule);
}

async function watchedDirectories(host: Host, rules: readonly DeviceRule[]): Promise<readonly string[]> {
  const directories = new Set<string>();
  for (const rule of rules) {
    const watched = rule.kind === 'usb' ? await watchedByUsb(host, rule) : await watchedByPaths(host, rule);
    for (const directory of watched) directories.add(directory);
  }
  return [...directories].sort().slice(0, maxWatchedDirectories);
}

/** What a device is the same by: its nodes and their numbers. */
function placeKey(nodes: readonly FoundNode[]): string {
  return nodes.map(({ hostPath, number }) => `${hostPath} ${number ?? ''}`).join(' ');
}

/** A device whose place cannot be found out is as good as any other, except to the topology manager. */
async function readPlace(
  host: Host,
  { nodes, problem }: UnplacedDevice,
  known: ReadonlyMap<string, FoundDevice>,
): Promise<Pick<FoundDevice, 'topology' | 'remark'>> {
  const placed = nodes.filter(({ number }) => number !== undefined).map(({ hostPath }) => hostPath);
  if (problem !== undefined || placed.length === 0) return {};
  try {
    const before = known.get(placeKey(nodes));
    const isKnown = before !== undefined && before.remark === undefined;
    const topology = isKnown ? before.topology : await readTopology(host, placed);
    return topology === undefined ? {} : { topology };
  } catch (error) {
    return { remark: messageOf(error) };
  }
}
