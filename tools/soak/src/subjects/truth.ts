// SPDX-License-Identifier: Apache-2.0
import type { ResourceView } from '@kube-device-plugins/testkit';
import type { Slot, SlotState } from './subject.ts';

/** What there is on the host, and since when: what the plugin ought to know. */
export class Truth {
  readonly #slots: readonly Slot[];
  readonly #states: { state: SlotState; sinceMs: number }[];
  #veils = 0;
  #clearSinceMs = 0;

  /** Everything is well at first. */
  constructor(slots: readonly Slot[]) {
    this.#slots = slots;
    this.#states = slots.map(() => ({ state: 'well', sinceMs: 0 }));
  }

  set(index: number, state: SlotState, nowMs: number): void {
    if (this.#states[index]?.state !== state) this.#states[index] = { state, sinceMs: nowMs };
  }

  /** Until {@link Truth.unveil} the plugin cannot see what is; as often as this was called. */
  veil(): void {
    this.#veils += 1;
  }

  unveil(nowMs: number): void {
    this.#veils -= 1;
    this.#clearSinceMs = nowMs;
  }

  /** Resource → id → health of everything that should be listed. */
  inventory(): Map<string, Map<string, 'Healthy' | 'Unhealthy'>> {
    const inventory = new Map(
      this.#slots.map(({ resource }) => [resource, new Map<string, 'Healthy' | 'Unhealthy'>()]),
    );
    for (const [index, { resource, id }] of this.#slots.entries()) {
      const state = this.#states[index]?.state ?? 'gone';
      if (state !== 'gone') inventory.get(resource)?.set(id, state === 'well' ? 'Healthy' : 'Unhealthy');
    }
    return inventory;
  }

  /** For how long a plugin that sees could have known that no pod may have this device; 0 when one may. */
  badForMs(resource: string, id: string, nowMs: number): number {
    const index = this.#slots.findIndex((slot) => slot.resource === resource && slot.id === id);
    const { state, sinceMs } = this.#states[index] ?? { state: 'gone', sinceMs: 0 };
    if (state === 'well' || this.#veils > 0) return 0;
    return nowMs - Math.max(sinceMs, this.#clearSinceMs);
  }

  /** Devices that no pod may have now. */
  bad(): Pick<Slot, 'resource' | 'id'>[] {
    return this.#slots.filter((_, index) => this.#states[index]?.state !== 'well');
  }
}

/** Where what the kubelet shows is not what there is; nothing when it is. */
export function differences(truth: Truth, resources: ReadonlyMap<string, ResourceView>): string[] {
  const found: string[] = [];
  for (const [resource, devices] of truth.inventory()) {
    const view = resources.get(resource);
    if (view?.state !== 'connected') found.push(`${resource} is ${view?.state ?? 'not registered'}`);
    const shown = new Map(view?.devices.map(({ id, health }) => [id, health]));
    for (const id of new Set([...devices.keys(), ...shown.keys()])) {
      const [expected, seen] = [devices.get(id) ?? 'absent', shown.get(id) ?? 'absent'];
      if (expected !== seen) found.push(`${resource} ${id} is ${seen}, not ${expected}`);
    }
  }
  return found;
}
