// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type Host, messageOf } from '@kube-device-plugins/core';
import type { HealthOptions } from '../options/health-options.ts';
import { DeviceAttributes } from './device-attributes.ts';
import type { GpuCard } from './gpu-card.ts';
import type { HealthReading, HealthReadings, HealthSource } from './health-source.ts';
import { readTemperatureFaults } from './hwmon-temperatures.ts';
import { PciErrorWatch } from './pci-errors.ts';
import { readLinkFaults } from './pci-link.ts';

/** What of a card is bad. */
export type PciHealthRules = Pick<HealthOptions, 'limits' | 'checksLink'>;

/**
 * Health as the kernel shows it of the PCI device of a card, without any daemon: new PCI errors, a link below what it could be, temperatures.
 * What the kernel does not show is no fault; a card of which it shows nothing is unknown.
 *
 * A card that sleeps is not woken: reading its link or its temperatures would (Kernel ABI: Documentation/ABI/testing/sysfs-devices-power,
 * runtime_status). Its counters of errors are kept by the kernel.
 */
export class PciHealth implements HealthSource {
  readonly #host: Host;
  readonly #rules: PciHealthRules;
  readonly #errors: PciErrorWatch;

  /** @param nowMs - a clock that only goes forward. */
  constructor(host: Host, rules: PciHealthRules, nowMs: () => number = () => performance.now()) {
    this.#host = host;
    this.#rules = rules;
    this.#errors = new PciErrorWatch(nowMs);
  }

  async read(cards: readonly GpuCard[]): Promise<HealthReadings> {
    this.#errors.forgetAllBut(new Set(cards.flatMap(({ bdf }) => bdf ?? [])));
    const attributes = new DeviceAttributes(this.#host);
    const readings = new Map<string, HealthReading>();
    for (const { name, bdf } of cards) if (bdf !== undefined) readings.set(name, await this.#answer(bdf, attributes));
    return readings;
  }

  /** A card that is awake and does not answer is broken, other than one that answers with an error. */
  async #answer(bdf: string, attributes: DeviceAttributes): Promise<HealthReading> {
    try {
      return await this.#reading(bdf, attributes);
    } catch (error) {
      if (!(error instanceof DevicePluginError) || error.code !== 'HOST_TIMEOUT') throw error;
      return { state: 'bad', reason: messageOf(error) };
    }
  }

  async #reading(bdf: string, attributes: DeviceAttributes): Promise<HealthReading> {
    const device = await attributes.realPath(`/sys/bus/pci/devices/${bdf}`);
    if (device === undefined) return unknown;
    const { limits, checksLink } = this.#rules;
    const isAsleep = (await attributes.text(`${device}/power/runtime_status`)) === 'suspended';
    const found = [
      await this.#errors.readFaults(attributes, device),
      isAsleep || !checksLink ? undefined : await readLinkFaults(attributes, device),
      isAsleep ? undefined : await readTemperatureFaults(attributes, device, limits),
    ].filter((faults) => faults !== undefined);
    if (found.length === 0) return unknown;
    const reason = found.flat().join('; ');
    return reason === '' ? { state: 'good' } : { state: 'bad', reason };
  }
}

const unknown: HealthReading = { state: 'unknown' };
