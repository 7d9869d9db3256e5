// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import type { FoundResource } from '../sysfs.ts';

/** Tells of devices whose NUMA node cannot be found out: each reason when it is new, and when it has gone. */
export class PlaceLog {
  #told: ReadonlyMap<string, string> = new Map();

  tell(found: readonly FoundResource[]): void {
    const told = new Map<string, string>();
    for (const { name: resource, devices } of found) {
      for (const { name, remark: reason } of devices) {
        const [path = ''] = name;
        const key = [resource, ...name].join('\0');
        const before = this.#told.get(key);
        if (reason !== undefined) told.set(key, reason);
        if (reason === before) continue;
        if (reason === undefined) log.info('device has a known NUMA node again', { resource, path });
        else log.warn('device has no known NUMA node', { resource, path, reason });
      }
    }
    this.#told = told;
  }
}
