// SPDX-License-Identifier: Apache-2.0
import type { Devices } from '../device-tree.ts';
import { Pacer } from '../serve/pacer.ts';
import { deviceChanges, type DeviceChanges } from './device-changes.ts';
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

  /** Returns what changed since the last update, whether it is told at once or not. */
  update(resource: string, devices: Devices): DeviceChanges {
    const resourceLog = this.#resources.get(resource) ?? new ResourceLog(resource, new Map());
    this.#resources.set(resource, resourceLog);
    return resourceLog.update(devices);
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
  /** From `#told` to `#now`, where that is one update. */
  #changes: DeviceChanges | undefined;

  constructor(resource: string, told: Devices) {
    this.#resource = resource;
    this.#told = told;
    this.#now = told;
  }

  update(devices: Devices): DeviceChanges {
    const changes = deviceChanges(this.#now, devices);
    this.#changes = this.#told === this.#now ? changes : undefined;
    this.#now = devices;
    this.#pacer.request();
    return changes;
  }

  tell(): void {
    const changes = this.#changes ?? deviceChanges(this.#told, this.#now);
    this.#changes = undefined;
    this.#told = this.#now;
    logDeviceChanges(this.#resource, changes, this.#told);
  }
}
