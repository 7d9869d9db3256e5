// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { podDevices } from './pod-devices.ts';
import { identityOf } from './plugin-socket.ts';
import type { PluginOptions } from './plugin-options.ts';

/** A device in the inventory file. */
export interface InventoryDevice {
  readonly id: string;
  readonly state?: 'failed' | 'probe fails' | 'probe hangs';
  /** Default: each resource of the command line has it. */
  readonly resource?: string;
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
  readonly #resource: string;
  readonly #listeners = new Set<() => void>();
  readonly #atStart = new Set<string>();
  readonly #failedOnce = new Set<string>();
  readonly #removedOnce = new Set<string>();
  #devices: readonly PluginDevice[] = [];
  #text = '';
  #identity: string | undefined;
  #others: readonly string[] = [];
  /** Lists that may be told at once; one more each second. */
  #tokens = burst;
  #isTold = true;
  #count = 0;
  #changes = 0;
  /** Whether to look; set by whoever knows of streams. */
  isLooking = true;

  constructor(options: PluginOptions, resource: string) {
    this.#options = options;
    this.#resource = resource;
    this.#look();
    if (options.has('ST-16-exit') && this.#devices.length === 0) process.exit(1);
    setInterval(() => {
      this.#tokens = Math.min(burst, this.#tokens + 1);
      this.#tell();
    }, 1000);
    for (const { id } of this.#devices) this.#atStart.add(id);
    setInterval(() => {
      if (this.isLooking) this.#look();
    }, lookPeriodMs);
  }

  get devices(): readonly PluginDevice[] {
    return this.#devices;
  }

  /** Resources that only the file names. */
  get others(): readonly string[] {
    return this.#others;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #look(): void {
    const identity = identityOf(this.#options.inventory);
    if (identity !== undefined && identity === this.#identity) return;
    this.#identity = identity;
    const text = this.#read();
    if (text === undefined || text === this.#text) return;
    const all = JSON.parse(text) as InventoryDevice[];
    if (this.#options.has('HE-07-blocked') && all.some(({ state }) => state === 'probe hangs')) return;
    this.#others = [...new Set(all.flatMap(({ resource }) => resource ?? []))];
    const own = all.filter(({ resource }) => (resource ?? this.#resource) === this.#resource);
    const isOwn = !this.#others.includes(this.#resource) || this.#options.resources.includes(this.#resource);
    const found = this.#found(isOwn ? own : own.filter(({ resource }) => resource !== undefined));
    this.#text = text;
    this.#devices = found.sort((a, b) => (a.id < b.id ? -1 : 1));
    if (this.#count !== all.length) this.#changes += 1;
    this.#count = all.length;
    if (this.#options.has('HP-06-busy') && this.#changes === 8) spin(6_000);
    this.#isTold = false;
    this.#tell();
  }

  #tell(): void {
    if (this.#isTold || (this.#tokens === 0 && !this.#options.has('HE-03-hasty'))) return;
    this.#isTold = true;
    this.#tokens = Math.max(0, this.#tokens - 1);
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
    const there = new Set(inventory.map(({ id }) => id));
    for (const { id } of this.#devices) if (!there.has(id)) this.#removedOnce.add(id);
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
    if (!options.has('HP-02-keep')) return [...found, ...this.#inUse(found)];
    return [...found, ...this.#devices.filter(({ id }) => !found.some((device) => device.id === id))];
  }

  /** Devices that are gone, and that a pod has. */
  #inUse(found: readonly PluginDevice[]): PluginDevice[] {
    const { podresources } = this.#options;
    if (podresources === undefined || this.#options.has('HP-03-gone')) return [];
    const there = new Set(found.map(({ id }) => id));
    const gone = this.#devices.filter(({ id }) => !there.has(id));
    // Asked of the kubelet each time until it is let go.
    if (gone.length > 0) {
      void podDevices(podresources, this.#resource).then((ids) => {
        this.#held = ids;
        this.#text += ' ';
        this.#identity = undefined;
      });
    }
    return gone
      .filter(({ id }) => this.#held?.includes(id) !== false)
      .map((device) => ({ ...device, health: 'Unhealthy' }));
  }

  #held: readonly string[] | undefined;

  #isKnown(id: string): boolean {
    return this.#atStart.size === 0 || this.#atStart.has(id);
  }

  #listedId(id: string): string {
    if (this.#options.has('HP-05-new-id') && this.#removedOnce.has(id)) return `${id}-again`;
    if (this.#options.has('LI-04-new-ids')) return `${id}@${process.pid}`;
    if (!/^[!-~]{1,63}$/.test(id) && !this.#options.has('LI-11-raw'))
      return createHash('sha256').update(id).digest('hex').slice(0, 16);
    return this.#options.has('LI-02-space') ? id.replace('d2', 'd 2') : id;
  }
}

const lookPeriodMs = 30;
const burst = 4;

/** Takes so much processor time. */
function spin(ms: number): void {
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < 1000 * ms);
}
