// SPDX-License-Identifier: Apache-2.0
import type { Devices } from '../device-tree.ts';
import { CountByLabels } from './measures.ts';

/** What became of a device. */
export type TransitionTarget = 'added' | 'removed' | 'unhealthy' | 'healthy';

/** One change of a device. */
export interface Transition {
  readonly to: TransitionTarget;
  /** Unix time in milliseconds, by the clock on the wall. */
  readonly atMs: number;
  /** Of a device that became unhealthy. */
  readonly reason?: string;
}

/** What became of the devices of one resource, by their ids. */
export interface DeviceTransitions {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly recovered: readonly string[];
  readonly failed: readonly string[];
}

/** The last changes of a device, oldest first. */
export interface HistoryOfDevice {
  readonly resource: string;
  readonly id: string;
  readonly history: readonly Transition[];
}

/**
 * The last changes of each device. A device that was there and healthy with the first list, and has been since, has none.
 *
 * What it keeps is bounded, whatever flaps: {@link maxOfDevice} changes of a device and {@link maxOfAll} together. Beyond that a device
 * pays for each change with its own oldest one; one that has no other, with those of the device that has not changed for the longest time.
 */
export class DeviceHistory {
  /** Changes since the first list, by resource and kind. */
  readonly counts = new CountByLabels();
  /** By resource and id; the device that changed last is the last one. */
  readonly #entries = new Map<string, HistoryOfDevice>();
  readonly #oldest = this.#entries.keys();
  #size = 0;

  /** Takes the first list of a resource, of this plugin or of its next start in the same process: only what is unlike the last that is known counts. */
  begin(resource: string, devices: Devices, atMs: number): void {
    for (const { id, history } of this.#of(resource)) {
      const last = history.at(-1)?.to;
      const now = devices.get(id);
      if (now === undefined && last !== 'removed') this.#add(resource, id, { to: 'removed', atMs });
      if (now?.health === 'Healthy' && last === 'unhealthy') this.#add(resource, id, { to: 'healthy', atMs });
      if (now !== undefined && last === 'removed') this.#add(resource, id, { to: 'added', atMs });
    }
    for (const [id, { health, healthReason }] of devices) {
      if (health !== 'Unhealthy') continue;
      const last = this.last(resource, id);
      if (last?.to !== 'unhealthy' || last.reason !== healthReason) this.#addFailure(resource, id, healthReason, atMs);
    }
  }

  /** @param devices - after the change. */
  add(
    resource: string,
    { added, removed, recovered, failed }: DeviceTransitions,
    devices: Devices,
    atMs: number,
  ): void {
    for (const id of added) this.#add(resource, id, { to: 'added', atMs });
    for (const id of failed) this.#addFailure(resource, id, devices.get(id)?.healthReason, atMs);
    for (const id of recovered) this.#add(resource, id, { to: 'healthy', atMs });
    for (const id of removed) this.#add(resource, id, { to: 'removed', atMs });
  }

  /** Oldest first. */
  of(resource: string, id: string): readonly Transition[] {
    return this.#entries.get(keyOf(resource, id))?.history ?? [];
  }

  last(resource: string, id: string): Transition | undefined {
    return this.of(resource, id).at(-1);
  }

  /** Devices that were removed at `sinceMs` or later, the last one first. */
  gone(sinceMs: number): HistoryOfDevice[] {
    const entries = [...this.#entries.values()].reverse();
    const isGone = ({ history }: HistoryOfDevice): boolean => {
      const last = history.at(-1);
      return last?.to === 'removed' && last.atMs >= sinceMs;
    };
    return entries.filter(isGone);
  }

  #of(resource: string): HistoryOfDevice[] {
    return [...this.#entries.values()].filter((entry) => entry.resource === resource);
  }

  #addFailure(resource: string, id: string, reason: string | undefined, atMs: number): void {
    this.#add(resource, id, { to: 'unhealthy', atMs, ...(reason !== undefined && { reason }) });
  }

  #add(resource: string, id: string, transition: Transition): void {
    this.counts.add({ resource, to: transition.to });
    const key = keyOf(resource, id);
    const before = this.of(resource, id);
    const isFull = before.length === maxOfDevice || (this.#size >= maxOfAll && before.length > 0);
    this.#entries.delete(key);
    // An array of its own for each change has no room to spare, of which ten thousand would take megabytes.
    this.#entries.set(key, { resource, id, history: [...(isFull ? before.slice(1) : before), transition] });
    if (!isFull) this.#size += 1;
    if (this.#size > maxOfAll) this.#forgetOldest();
  }

  /** A new iterator would pass all that was deleted before it comes to the first entry. This one is never done: whatever it has passed is deleted. */
  #forgetOldest(): void {
    const { value: key = '' } = this.#oldest.next();
    this.#size -= this.#entries.get(key)?.history.length ?? 0;
    this.#entries.delete(key);
  }
}

/** An id holds no space, whatever a resource is called. */
function keyOf(resource: string, id: string): string {
  return `${resource} ${id}`;
}

/** Enough to tell a device that failed from one that flaps. */
export const maxOfDevice = 20;

/** At most 4 MB, when fifty thousand devices flap. */
export const maxOfAll = 10_000;
