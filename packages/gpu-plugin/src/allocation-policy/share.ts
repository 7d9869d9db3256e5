// SPDX-License-Identifier: Apache-2.0

/** A device id taken apart: `card10-2` is share 2 of card10. */
export interface Share {
  readonly id: string;
  readonly card: string;
  readonly number: number;
}

/** What does not look like the id of a share is one of a card of its own. */
export function parseShare(id: string): Share {
  const [, card = id, number = '0'] = /^(.*)-(\d+)$/s.exec(id) ?? [];
  return { id, card, number: Number(number) };
}

/** Numbers compare as numbers: card2 before card10. What is named otherwise comes after that, as text: PCI addresses have leading zeros. */
export function byCardThenShare(a: Share, b: Share): number {
  const [cardA, cardB] = [cardNumber(a.card), cardNumber(b.card)];
  if (cardA !== cardB) return cardA < cardB ? -1 : 1;
  return compareTexts(a.card, b.card) || a.number - b.number || compareTexts(a.id, b.id);
}

/** Infinity for what is not named `card` and a number. */
function cardNumber(card: string): number {
  return /^card\d+$/.test(card) ? Number(card.slice('card'.length)) : Infinity;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
