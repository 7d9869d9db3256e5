// SPDX-License-Identifier: Apache-2.0
import type { DeviceIdFilter } from '../options/device-ids.ts';
import { resourceOf, type ResourceRules } from '../options/resource-template.ts';
import type { GpuCard } from '../sysfs/gpu-card.ts';
import type { CardNote } from '../sysfs/read-card.ts';
import { cardTraits } from './card-traits.ts';

/**
 * The cards that `-allow-ids` and `-deny-ids` leave, by exact comparison.
 * While one of them is given, a card without a device id is left out: nobody knows what it is.
 */
export function acceptedCards(
  cards: readonly GpuCard[],
  { allowed, denied }: DeviceIdFilter,
): { readonly accepted: readonly GpuCard[]; readonly notes: readonly CardNote[] } {
  if (allowed.size === 0 && denied.size === 0) return { accepted: cards, notes: [] };
  const notes: CardNote[] = [];
  const accepted = cards.filter(({ name, deviceId }) => {
    const reason = refusal(deviceId, allowed, denied);
    if (reason === undefined) return true;
    notes.push({ about: name, reason, kind: deviceId === undefined ? 'trouble' : 'intended', isLeftOut: true });
    return false;
  });
  return { accepted, notes };
}

/** One for each card that `-resource-name-template` gives no resource. Monitoring covers it all the same. */
export function namelessNotes(cards: readonly GpuCard[], rules: ResourceRules): readonly CardNote[] {
  const reason = 'a rule without a name in -resource-name-template is for it';
  return cards
    .filter((card) => resourceOf(cardTraits(card), rules) === undefined)
    .map(({ name }) => ({ about: name, reason, kind: 'intended', isLeftOut: true }));
}

function refusal(
  deviceId: string | undefined,
  allowed: ReadonlySet<string>,
  denied: ReadonlySet<string>,
): string | undefined {
  if (deviceId === undefined) return 'it has no PCI device id that -allow-ids or -deny-ids could be asked for';
  if (denied.has(deviceId)) return `its PCI device id ${deviceId} is in -deny-ids`;
  return allowed.size > 0 && !allowed.has(deviceId) ? `its PCI device id ${deviceId} is not in -allow-ids` : undefined;
}
