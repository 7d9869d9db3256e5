// SPDX-License-Identifier: Apache-2.0
import type { GpuCard } from '../sysfs/gpu-card.ts';

/**
 * What the ids of a card begin with: its name, or with the style `pci` its PCI address, which survives a reboot.
 * A card without an address, or with that of a card before it, goes by its name in either style, so no id is there twice.
 */
export function cardIds(cards: readonly GpuCard[], style: 'card' | 'pci'): ReadonlyMap<GpuCard, string> {
  const taken = new Set<string>();
  const ids = new Map<GpuCard, string>();
  for (const card of cards) {
    const { name, bdf = name } = card;
    const id = style === 'card' || taken.has(bdf) ? name : bdf;
    taken.add(id);
    ids.set(card, id);
  }
  return ids;
}

/** `card0-0`, `card0-1` and so on. */
export function* shareIds(id: string, count: number): Generator<string> {
  for (let share = 0; share < count; share++) yield `${id}-${share}`;
}
