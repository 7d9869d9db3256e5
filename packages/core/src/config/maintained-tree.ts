// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo, Devices, DeviceTree } from '../device-tree.ts';
import type { Remark } from '../log/remark-log.ts';
import { fullResourceName } from '../serve/resource-name.ts';
import { matchesPattern } from './glob.ts';
import type { MaintenanceEntry } from './maintenance.ts';

/** A tree in which devices under maintenance are unhealthy. */
export interface MaintainedTree {
  readonly tree: DeviceTree;
  /** Entries that name no device, and those that are over. */
  readonly remarks: readonly Remark[];
}

/** Puts entries over trees. The devices of a resource in which nothing has changed are the same object as the last time. */
export class Maintenance {
  readonly #namespace: string;
  readonly #entries: readonly MaintenanceEntry[];
  #active: readonly MaintenanceEntry[] = [];
  #cache = new WeakMap<Devices, MaintainedDevices>();

  /** @param namespace - for resources of trees without one. */
  constructor(namespace: string, entries: readonly MaintenanceEntry[]) {
    this.#namespace = namespace;
    this.#entries = entries;
  }

  /** Looks which entries hold at this moment; true when they are others than before. */
  setTime(nowMs: number): boolean {
    const active = this.#entries.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs);
    if (active.length === this.#active.length && active.every((entry, i) => entry === this.#active[i])) return false;
    this.#active = active;
    this.#cache = new WeakMap();
    return true;
  }

  /** When the next entry is over, or undefined when none will be. */
  get nextEndMs(): number | undefined {
    const ends = this.#active.flatMap(({ untilMs }) => untilMs ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** The tree as the kubelet is to see it; it is the same object where nothing is under maintenance. */
  appliedTo(tree: DeviceTree): MaintainedTree {
    const used = new Set<MaintenanceEntry>();
    if (this.#active.length === 0) return { tree, remarks: this.#remarks(used) };
    const maintained = tree.withDevices((resource, devices) => {
      const { devices: changed, entries } = this.#devicesOf(fullResourceName(this.#namespace, resource), devices);
      for (const entry of entries) used.add(entry);
      return changed;
    });
    return { tree: used.size === 0 ? tree : maintained, remarks: this.#remarks(used) };
  }

  #devicesOf(resource: string, devices: Devices): MaintainedDevices {
    const known = this.#cache.get(devices);
    if (known !== undefined) return known;
    const made = maintainedDevices(
      devices,
      this.#active.filter((entry) => entry.resource === undefined || entry.resource === resource),
    );
    this.#cache.set(devices, made);
    return made;
  }

  #remarks(used: ReadonlySet<MaintenanceEntry>): readonly Remark[] {
    return this.#entries.flatMap((entry) => {
      if (used.has(entry)) return [];
      const subject = entry.resource === undefined ? entry.device : `${entry.resource} ${entry.device}`;
      return this.#active.includes(entry)
        ? { message: 'maintenance of a device that is not there', subject, reason: entry.reason }
        : { message: 'maintenance is over', subject, reason: entry.reason, level: 'info' as const };
    });
  }
}

interface MaintainedDevices {
  readonly devices: Devices;
  /** Those that name any of them. */
  readonly entries: ReadonlySet<MaintenanceEntry>;
}

function maintainedDevices(devices: Devices, entries: readonly MaintenanceEntry[]): MaintainedDevices {
  const used = new Set<MaintenanceEntry>();
  if (entries.length === 0) return { devices, entries: used };
  const find = finderOf(entries);
  const changed = new Map<string, DeviceInfo>();
  for (const [id, info] of devices) {
    const found = find(id);
    for (const entry of found) used.add(entry);
    const reasons = new Set(found.map(({ reason }) => reason));
    const healthReason = `maintenance: ${[...reasons].join(', ')}`;
    changed.set(id, found.length === 0 ? info : { ...info, health: 'Unhealthy', healthReason });
  }
  return { devices: used.size === 0 ? devices : changed, entries: used };
}

/** What finds the entries of a device. Ids are looked up, for there may be tens of thousands; only patterns are tried one by one. */
function finderOf(entries: readonly MaintenanceEntry[]): (id: string) => readonly MaintenanceEntry[] {
  const byId = Map.groupBy(entries, ({ device }) => device);
  const patterns = entries.filter(({ device }) => /[*?]/.test(device));
  return (id) => {
    const names = namesOf(id);
    return [
      ...names.flatMap((name) => byId.get(name) ?? []),
      ...patterns.filter(({ device }) => names.some((name) => name !== device && matchesPattern(name, device))),
    ];
  };
}

/** The id, and that of the device whose share it is: `card0` of `card0-1`, `net/tun` of `net/tun::1`. */
function namesOf(id: string): readonly string[] {
  const device = /^(.+?)(?:-|::)\d+$/.exec(id)?.[1];
  return device === undefined ? [id] : [id, device];
}
