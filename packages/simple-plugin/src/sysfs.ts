// SPDX-License-Identifier: Apache-2.0
import { messageOf, readTopology, type Host, type TopologyInfo } from '@kube-device-plugins/core';
import type { DeviceRule, HostResource } from './options/host-resource.ts';
import { compileName, deviceDirectory, hasWildcard } from './options/path-pattern.ts';

/** The directories of the host that have to be mounted where the plugin runs. */
export const hostPaths = [deviceDirectory];

/** The device nodes of one resource at one moment, in the order of its rules. */
export interface FoundResource {
  readonly name: string;
  readonly devices: readonly FoundDevice[];
}

/** One path that was asked for, or that matched. */
export interface FoundDevice {
  readonly path: string;
  readonly permissions: string;
  /** The device node that the path leads to; undefined when there is none. */
  readonly node: string | undefined;
  /** Type and number of the node, `char 10:229`. */
  readonly number?: string;
  readonly topology?: TopologyInfo;
  /** Why its NUMA node is not known, where it should be. */
  readonly remark?: string;
  /** Why a container cannot have it, as the end of a sentence. */
  readonly problem?: string;
}

/**
 * Looks up the device nodes of each resource.
 *
 * A path without wildcards is always in the result, with a problem while there is no device node; one with wildcards stands for the device nodes that match.
 * A path that two rules of a resource name counts for the first. What leads out of /dev through a symlink is no device.
 *
 * @param last - the result of the scan before: where a device is in the machine is looked up when it comes, and not at each scan.
 */
export async function readHostResources(
  host: Host,
  resources: readonly HostResource[],
  last: readonly FoundResource[] = [],
): Promise<FoundResource[]> {
  const known = new Map(last.flatMap(({ devices }) => devices).map((device) => [identityOf(device), device]));
  const found: FoundResource[] = [];
  for (const { name, devices } of resources) {
    const byPath = new Map<string, FoundDevice>();
    for (const rule of devices) {
      for (const device of await readDevices(host, rule, known)) {
        if (!byPath.has(device.path)) byPath.set(device.path, device);
      }
    }
    found.push({ name, devices: [...byPath.values()] });
  }
  return found;
}

/** The directories in which a device of these resources may come or go; those below a wildcard are known to the scans only. */
export function watchedDirectories(resources: readonly HostResource[]): readonly string[] {
  const directories = resources.flatMap(({ devices }) => devices.map(({ path }) => parentWithoutWildcard(path)));
  return [...new Set(directories)].sort();
}

type KnownDevices = ReadonlyMap<string, FoundDevice>;
type Place = Pick<FoundDevice, 'topology' | 'remark'>;

function identityOf({ node, number }: Pick<FoundDevice, 'node' | 'number'>): string {
  return `${node ?? ''} ${number ?? ''}`;
}

async function readDevices(host: Host, rule: DeviceRule, known: KnownDevices): Promise<FoundDevice[]> {
  if (!hasWildcard(rule.path)) return [await readDevice(host, rule, known)];
  const devices: FoundDevice[] = [];
  for (const path of await expand(host, rule.path)) {
    const device = await readDevice(host, { ...rule, path }, known);
    if (device.problem === undefined) devices.push(device);
  }
  return devices;
}

/** The paths that a pattern stands for now; behind its last wildcard there may be anything or nothing. */
async function expand(host: Host, pattern: string): Promise<string[]> {
  let directories: string[] = [deviceDirectory];
  for (const part of pattern.split('/').slice(2)) {
    const paths: string[] = [];
    for (const directory of directories) {
      const names = hasWildcard(part) ? await matchesIn(host, directory, part) : [part];
      paths.push(...names.map((name) => `${directory}/${name}`));
    }
    directories = paths;
  }
  return directories;
}

/** /dev/fd and the like lead to other file systems; what is listed there is none of our business. */
async function matchesIn(host: Host, directory: string, pattern: string): Promise<string[]> {
  const real = await host.realPath(directory);
  return real !== undefined && isDevicePath(`${real}/`) ? (await host.list(real)).filter(compileName(pattern)) : [];
}

/**
 * The node is given to containers by its own path, since an alias such as /dev/serial/by-id/… is a symlink, of which not every
 * container runtime makes a device; in the container it has the path that was asked for.
 */
async function readDevice(host: Host, { path, permissions }: DeviceRule, known: KnownDevices): Promise<FoundDevice> {
  const absent = (problem: string): FoundDevice => ({ path, permissions, node: undefined, problem });
  try {
    const node = await host.realPath(path);
    if (node === undefined) return absent('does not exist');
    if (!isDevicePath(node)) return absent(`leads to ${node}, outside ${deviceDirectory}`);
    const deviceNode = await host.deviceNode(node);
    if (deviceNode === undefined) return absent('is not a device node');
    const number = `${deviceNode.type} ${deviceNode.major}:${deviceNode.minor}`;
    return {
      path,
      permissions,
      node,
      number,
      ...(await readPlace(host, node, known.get(identityOf({ node, number })))),
    };
  } catch (error) {
    return absent(`cannot be read: ${messageOf(error)}`);
  }
}

/** A device whose place cannot be found out is as good as any other, except to the topology manager. */
async function readPlace(host: Host, node: string, known: FoundDevice | undefined): Promise<Place> {
  try {
    const isKnown = known !== undefined && known.remark === undefined;
    const topology = isKnown ? known.topology : await readTopology(host, [node]);
    return topology === undefined ? {} : { topology };
  } catch (error) {
    return { remark: messageOf(error) };
  }
}

function isDevicePath(path: string): boolean {
  return path.startsWith(`${deviceDirectory}/`);
}

function parentWithoutWildcard(path: string): string {
  const parts = path.split('/').slice(0, -1);
  const wild = parts.findIndex(hasWildcard);
  return parts.slice(0, wild === -1 ? parts.length : wild).join('/');
}
