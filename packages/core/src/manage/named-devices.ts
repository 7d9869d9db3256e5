// SPDX-License-Identifier: Apache-2.0
import type { Devices, DeviceTree, LeftOutDevices } from '../device-tree.ts';
import { fullResourceName } from '../serve/resource-name.ts';

/** What a tree holds at one moment, by the full names of its resources. */
export interface NamedDevices {
  readonly resources: ReadonlyMap<string, Devices>;
  readonly leftOut: LeftOutDevices;
}

/**
 * A tree by full names. "yellow" and "color.example.com/yellow" are the same resource in the namespace color.example.com:
 * the first one counts, and the devices of the other are left out.
 */
export function namedDevices(namespace: string, tree: Pick<DeviceTree, 'snapshot' | 'leftOut'>): NamedDevices {
  const resources = new Map<string, Devices>();
  const leftOut = new Map<string, Map<string, string>>();
  const leaveOut = (name: string, reasons: Iterable<readonly [string, string]>): void => {
    leftOut.set(name, new Map([...(leftOut.get(name) ?? []), ...reasons]));
  };
  for (const [resource, devices] of tree.snapshot()) {
    const name = fullResourceName(namespace, resource);
    if (resources.has(name))
      leaveOut(
        name,
        [...devices.keys()].map((id) => [id, twice] as const),
      );
    else resources.set(name, devices);
  }
  for (const [resource, reasons] of tree.leftOut) leaveOut(fullResourceName(namespace, resource), reasons);
  return { resources, leftOut };
}

const twice = 'the plugin has its resource under two names';
