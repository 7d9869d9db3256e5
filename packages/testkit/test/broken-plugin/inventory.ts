// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { PluginOptions } from './plugin-options.ts';

/** A device in the inventory file. */
export interface InventoryDevice {
  readonly id: string;
  readonly state?: 'failed' | 'probe fails';
  readonly numaNode?: number;
}

/** A device as it is listed. */
export interface PluginDevice {
  readonly id: string;
  readonly health: 'Healthy' | 'Unhealthy';
  readonly numaNode: number | undefined;
}

/** The devices that a file has, looked at over and over. */
export class Inventory {
  readonly #options: PluginOptions;
  readonly #listeners = new Set<() => void>();
  readonly #atStart = new Set<string>();
  readonly #failedOnce = new Set<string>();
  readonly #removedOnce = new Set<string>();
  #devices: readonly PluginDevice[] = [];
  #text = '';
  /** Whether to look; set by whoever knows of streams. */
  isLooking = true;

  constructor(options: PluginOptions) {
    this.#options = options;
    this.#look();
    for (const { id } of this.#devices) this.#atStart.add(id);
    setInterval(() => {
      if (this.isLooking) this.#look();
    }, lookPeriodMs);
  }

  get devices(): readonly PluginDevice[] {
    return this.#devices;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #look(): void {
    const text = this.#read();
    if (text === undefined || text === this.#text) return;
    this.#text = text;
    this.#devices = this.#found(JSON.parse(text) as InventoryDevice[]).sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const listener of this.#listeners) listener();
  }

  /** What cannot be read leaves everything as it was. */
  #read(): string | undefined {
    try {
      const text = readFileSync(this.#options.inventory, 'utf8');
      JSON.parse(text);
      return text;
    } catch {
      return this.#options.has('HP-07-empty') && this.#text !== '' ? '[]' : undefined;
    }
  }

  #found(inventory: readonly InventoryDevice[]): PluginDevice[] {
    const options = this.#options;
    for (const { id } of this.#devices) {
      if (!inventory.some((device) => device.id === id)) this.#removedOnce.add(id);
    }
    const isFailing = inventory.some(({ state }) => state === 'failed');
    const found = inventory
      .filter(({ id }) => !options.has('HP-01-known') || this.#text === '' || this.#isKnown(id))
      .map(({ id, state, numaNode }): PluginDevice => {
        if (state === 'probe fails' && options.has('HE-08-crash')) process.exit(1);
        if (state === 'failed') this.#failedOnce.add(id);
        const isFailed = state !== undefined || (options.has('HE-02-one-way') && this.#failedOnce.has(id));
        const isAffected = isFailed || (options.has('HE-01-all') && isFailing);
        return { id: this.#listedId(id), health: isAffected ? 'Unhealthy' : 'Healthy', numaNode };
      });
    if (!options.has('HP-02-keep')) return found;
    return [...found, ...this.#devices.filter(({ id }) => !found.some((device) => device.id === id))];
  }

  #isKnown(id: string): boolean {
    return this.#atStart.size === 0 || this.#atStart.has(id);
  }

  #listedId(id: string): string {
    if (this.#options.has('HP-05-new-id') && this.#removedOnce.has(id)) return `${id}-again`;
    return this.#options.has('LI-02-space') ? id.replace('d2', 'd 2') : id;
  }
}

const lookPeriodMs = 30;
