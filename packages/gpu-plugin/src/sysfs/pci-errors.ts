// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import type { DeviceAttributes } from './device-attributes.ts';

/**
 * Watches the counters of PCI errors that could not be corrected (Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats).
 *
 * They count from the start of the host, so only what comes after the first look is a fault. An error happens at one moment, between two scans,
 * and one reading would not make a card unhealthy where two in a row are wanted; so it stays a fault for 5 minutes. A card with no further error
 * in that time is well again, and so is one whose counters begin anew: the kernel has reset it or found it again.
 */
export class PciErrorWatch {
  readonly #nowMs: () => number;
  readonly #counters = new Map<string, Counter>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Undefined for a device without these counters. */
  async readFaults(attributes: DeviceAttributes, device: string): Promise<readonly string[] | undefined> {
    const faults: string[] = [];
    let isShown = false;
    for (const { attribute, total, fault } of kinds) {
      const count = parseErrorTotal(await attributes.text(`${device}/${attribute}`), total);
      if (count === undefined) continue;
      isShown = true;
      if (this.#hasRisenLately(`${posix.basename(device)} ${attribute}`, count)) faults.push(fault);
    }
    return isShown ? faults : undefined;
  }

  /** A card that is gone begins anew when it comes back. */
  forgetAllBut(addresses: ReadonlySet<string>): void {
    for (const key of this.#counters.keys()) {
      if (!addresses.has(key.slice(0, key.indexOf(' ')))) this.#counters.delete(key);
    }
  }

  #hasRisenLately(key: string, count: number): boolean {
    const nowMs = this.#nowMs();
    const last = this.#counters.get(key);
    const hasRisen = last !== undefined && count > last.count;
    const isAnew = last === undefined || count < last.count;
    const faultUntilMs = hasRisen ? nowMs + faultMs : isAnew ? nowMs : last.faultUntilMs;
    this.#counters.set(key, { count, faultUntilMs });
    return nowMs < faultUntilMs;
  }
}

interface Counter {
  readonly count: number;
  readonly faultUntilMs: number;
}

const kinds = [
  { attribute: 'aer_dev_fatal', total: 'TOTAL_ERR_FATAL', fault: 'fatal PCI errors in the last 5 minutes' },
  { attribute: 'aer_dev_nonfatal', total: 'TOTAL_ERR_NONFATAL', fault: 'uncorrected PCI errors in the last 5 minutes' },
];

const faultMs = 5 * 60_000;

/** The total in the text of such an attribute, which has a line `name count` for each kind of error; undefined when there is none. */
export function parseErrorTotal(text: string | undefined, total: string): number | undefined {
  const line = text?.split('\n').find((each) => each.startsWith(`${total} `));
  const count = line?.slice(total.length + 1).trim() ?? '';
  return /^\d{1,15}$/.test(count) ? Number(count) : undefined;
}
