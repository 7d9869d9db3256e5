// SPDX-License-Identifier: Apache-2.0
import { messageOf, type Host } from '@kube-device-plugins/core';
import { deviceDirectory, isBelowDev } from '../options/path-pattern.ts';

/** A device of which it is not known yet where in the machine it is. */
export interface UnplacedDevice {
  /** What tells it from all others, whatever their order: its paths, or its place on the bus. */
  readonly name: readonly string[];
  readonly nodes: readonly FoundNode[];
  readonly mounts: readonly FoundMount[];
  /** How many containers may have it at a time. */
  readonly count: number;
  /** Why a container cannot have it, as the end of a sentence. */
  readonly problem?: string;
}

/** A device node of the host, and how a container gets it. */
export interface FoundNode {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly permissions: string;
  /** Type and number, `char 10:229`; undefined for a directory of nodes. */
  readonly number?: string;
}

/** A file or directory of the host, and how a container gets it. */
export interface FoundMount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readOnly: boolean;
}

/** A node that a container can have, or why it cannot. */
export type NodeLookup = Pick<FoundNode, 'hostPath' | 'number'> | { readonly problem: string };

/**
 * Looks up the device node that a path leads to.
 *
 * The node is given to containers by its own path, since an alias such as /dev/serial/by-id/… is a symlink, of which not every
 * container runtime makes a device. A directory counts as the nodes in it: container runtimes give them all
 * (containerd, oci.WithDevices; CRI-O, devices of the container).
 */
export async function lookUpNode(host: Host, path: string): Promise<NodeLookup> {
  try {
    const hostPath = await host.realPath(path);
    if (hostPath === undefined) return { problem: 'does not exist' };
    if (!isBelowDev(hostPath)) return { problem: `leads to ${hostPath}, outside ${deviceDirectory}` };
    const node = await host.deviceNode(hostPath);
    if (node !== undefined) return { hostPath, number: `${node.type} ${node.major}:${node.minor}` };
    return (await host.list(hostPath)).length > 0
      ? { hostPath }
      : { problem: 'is neither a device node nor a directory of some' };
  } catch (error) {
    return { problem: `cannot be read: ${messageOf(error)}` };
  }
}
