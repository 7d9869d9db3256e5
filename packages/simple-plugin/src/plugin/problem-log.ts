// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import type { FoundResource } from '../sysfs.ts';

/** Tells what is wrong with devices: each reason when it is new, and when it has gone. */
export class ProblemLog {
  #told: ReadonlyMap<string, string> = new Map();

  tell(found: readonly FoundResource[]): void {
    const told = new Map<string, string>();
    for (const { name: resource, devices } of found) {
      for (const { name, problem, remark } of devices) {
        const [path = ''] = name;
        const key = [resource, ...name].join('\0');
        const reason = problem ?? remark;
        const before = this.#told.get(key);
        if (reason !== undefined) told.set(key, reason);
        if (reason === before) continue;
        if (reason === undefined) log.info('device is all right again', { resource, path });
        else if (problem === undefined) log.warn('device has no known NUMA node', { resource, path, reason });
        else log.warn('device is unhealthy', { resource, path, reason });
      }
    }
    this.#told = told;
  }
}
