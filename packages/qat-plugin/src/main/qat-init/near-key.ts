// SPDX-License-Identifier: Apache-2.0

/** Which of `known` somebody must have meant who wrote `key`: one that is the same but for capitals and up to two letters in one place. */
export function nearKey(key: string, known: readonly string[]): string | undefined {
  return known.find((candidate) => isNear(key.toLowerCase(), candidate.toLowerCase()));
}

function isNear(one: string, other: string): boolean {
  const shorter = Math.min(one.length, other.length);
  const before = commonLength(one, other);
  const behind = commonLength(reversed(one), reversed(other));
  return Math.max(one.length, other.length) - Math.min(before + behind, shorter) <= 2;
}

/** How many characters both begin with. */
function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

function reversed(text: string): string {
  return Array.from(text).reverse().join('');
}
