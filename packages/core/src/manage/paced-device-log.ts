// SPDX-License-Identifier: Apache-2.0
import type { Devices } from '../device-tree.ts';
import { Pacer } from '../serve/pacer.ts';
import { deviceChanges } from './device-changes.ts';
import { deviceLogRate, logDeviceChanges, logInventory } from './device-log.ts';

/**
 * Tells of the devices of each resource as they change: at once while changes are few, now and then while a device flaps.
 * The last line about a device is true, in any case after {@link flush}.
 */
export class PacedDeviceLog {
  /** Of resources that were taken back too: one that comes and goes all the time shall not be told of each time. */
  readonly #resources = new Map<string, ResourceLog>();

  /** Takes these devices for granted and tells of them in one line. */
  begin(resource: string, devices: Devices): void {
    this.#resources.set(resource, new ResourceLog(resource, devices));
    logInventory(resource, devices);
  }

  update(resource: string, devices: Devices): void {
    const resourceLog = this.#resources.get(resource) ?? new ResourceLog(resource, new Map());
    this.#resources.set(resource, resourceLog);
    resourceLog.update(devices);
  }

  /** Tells of what waits for its turn. */
  flush(): void {
    for (const resourceLog of this.#resources.values()) resourceLog.tell();
  }
}

class ResourceLog {
  readonly #resource: string;
  readonly #pacer = new Pacer(deviceLogRate, () => {
    this.tell();
  });
  #told: Devices;
  #now: Devices;

  constructor(resource: string, told: Devices) {
    this.#resource = resource;
    this.#told = told;
    this.#now = told;
  }

  update(devices: Devices): void {
    this.#now = devices;
    this.#pacer.request();
  }

  tell(): void {
    const changes = deviceChanges(this.#told, this.#now);
    this.#told = this.#now;
    logDeviceChanges(this.#resource, changes, this.#told);
  }
}
