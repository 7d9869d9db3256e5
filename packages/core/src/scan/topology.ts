// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { topologyOf } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import type { TopologyInfo } from '../kubelet-api/deviceplugin.ts';
import type { Host } from './host.ts';

/** What one sysfs directory says of the place of its device; an empty text says nothing. */
interface Hint {
  readonly cpus: string;
  readonly numaNodes: string;
}

/**
 * The NUMA nodes next to these device nodes, for the topology manager of the kubelet; undefined when the host names none.
 *
 * Rejects with `TOPOLOGY_UNREADABLE` when a path is no device node, is unknown to sysfs or has a NUMA node that cannot be read.
 *
 * Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci (numa_node, local_cpulist), sysfs-kernel-iommu_groups,
 * sysfs-dev (/sys/dev). Behaves like pkg/topology of intel-device-plugins-for-kubernetes.
 */
export async function readTopology(host: Host, devicePaths: readonly string[]): Promise<TopologyInfo | undefined> {
  const nodes = await Promise.all(devicePaths.map((path) => numaNodesOf(host, path)));
  return topologyOf(nodes.flat());
}

async function numaNodesOf(host: Host, devicePath: string): Promise<number[]> {
  try {
    const hints = await hintsOf(host, await sysfsPathOf(host, devicePath), new Set());
    return hints.flatMap((hint) => parseNumaNodes(hint.numaNodes));
  } catch (error) {
    throw new DevicePluginError('TOPOLOGY_UNREADABLE', `no NUMA node of ${JSON.stringify(devicePath)}`, {
      cause: error,
    });
  }
}

async function sysfsPathOf(host: Host, devicePath: string): Promise<string> {
  const node = await host.deviceNode(devicePath);
  if (node === undefined) throw new Error('it is no device node');
  return `/sys/dev/${node.type}/${node.major}:${node.minor}`;
}

/** Hints of the device at `path` and of all devices that it stands for. `seen` ends circles of symlinks. */
async function hintsOf(host: Host, path: string, seen: Set<string>): Promise<Hint[]> {
  const device = await host.realPath(path);
  if (device === undefined) throw new Error(`${path} does not exist`);
  if (seen.has(device)) return [];
  seen.add(device);
  const dependants = [...(await vfioGroupMembers(host, device)), ...(await children(host, `${device}/slaves`))];
  const hints = await Promise.all(dependants.map((dependant) => hintsOf(host, dependant, seen)));
  return [await nearestHint(host, device), ...hints.flat()];
}

/** The members of the IOMMU group that /dev/vfio/<group> stands for. */
async function vfioGroupMembers(host: Host, device: string): Promise<string[]> {
  const [, group] = /^\/sys\/devices\/virtual\/vfio\/(\d+)$/.exec(device) ?? [];
  return group === undefined ? [] : await children(host, `/sys/kernel/iommu_groups/${group}/devices`);
}

async function children(host: Host, directory: string): Promise<string[]> {
  return (await host.list(directory)).map((name) => posix.join(directory, name));
}

/** What the first directory with a hint says, from `directory` upwards. */
async function nearestHint(host: Host, directory: string): Promise<Hint> {
  for (let at = directory; at.startsWith('/sys/devices/'); at = posix.dirname(at)) {
    const hint = await readHint(host, at);
    if (hint.cpus !== '') return hint;
    if (hint.numaNodes !== '') return withCpusOf(await nearestHint(host, posix.dirname(at)), hint);
  }
  return noHint;
}

const noHint: Hint = { cpus: '', numaNodes: '' };

async function readHint(host: Host, directory: string): Promise<Hint> {
  const cpus = await host.readText(`${directory}/local_cpulist`);
  const numaNodes = await host.readText(`${directory}/numa_node`);
  // -1: the firmware names no node.
  return { cpus: cpus ?? '', numaNodes: numaNodes === undefined || numaNodes === '-1' ? '' : numaNodes };
}

/** A NUMA node without CPUs is the number of the socket, put there by the BIOS: only a parent with CPUs makes a node of it. */
function withCpusOf(parent: Hint, hint: Hint): Hint {
  if (parent.cpus === '') return noHint;
  return { cpus: parent.cpus, numaNodes: parent.numaNodes === '' ? hint.numaNodes : parent.numaNodes };
}

/**
 * The numbers of a list such as `0` or `0, 1`. Negative ones are in it: {@link topologyOf} leaves them out.
 *
 * @throws Error for anything that is not a decimal number.
 */
export function parseNumaNodes(list: string): number[] {
  if (list === '') return [];
  return list.split(',').map((item) => {
    const number = item.trim();
    if (!/^-?\d{1,9}$/.test(number)) throw new Error(`${JSON.stringify(list)} is no list of NUMA nodes`);
    return Number(number);
  });
}
