// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { LeftOutDevices } from '../device-tree.ts';
import { log } from '../log/log.ts';
import { Pacer } from '../serve/pacer.ts';
import { deviceLogRate, maxDeviceLines } from './device-log.ts';

/** Tells of devices that are left out: of each once, for as long as it is there. */
export class LeftOutLog {
  readonly #pacer = new Pacer(deviceLogRate, () => {
    this.#tell();
  });
  #told: LeftOutDevices = new Map();
  #now: LeftOutDevices = this.#told;

  /** @param leftOut - all of them, by the full names of their resources. */
  update(leftOut: LeftOutDevices): void {
    if (isDeepStrictEqual(leftOut, this.#now)) return;
    this.#now = leftOut;
    this.#pacer.request();
  }

  #tell(): void {
    const told = this.#told;
    this.#told = this.#now;
    for (const [resource, reasons] of this.#now) {
      const fresh = [...reasons].filter(([id, reason]) => told.get(resource)?.get(id) !== reason);
      if (fresh.length > maxDeviceLines) {
        const first = Object.fromEntries(fresh.slice(0, maxDeviceLines).map(([id, reason]) => [shortened(id), reason]));
        log.warn('devices left out', { resource, count: fresh.length, first });
      } else for (const [id, reason] of fresh) log.warn('device left out', { resource, id: shortened(id), reason });
    }
  }
}

/** An id may have been left out for its length. */
function shortened(id: string): string {
  return id.length > maxIdCharacters ? `${id.slice(0, maxIdCharacters)}…` : id;
}

const maxIdCharacters = 100;
