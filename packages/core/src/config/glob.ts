// SPDX-License-Identifier: Apache-2.0

/**
 * Whether all of `text` is what `pattern` says: `*` is any run of characters, `?` any one, everything else itself.
 * Takes at most the product of the two lengths: patterns come from outside, and so do ids.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let starredTo = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next;
      starredTo = at;
      next += 1;
    } else if (pattern[next] === '?' || pattern[next] === text[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      starredTo += 1;
      at = starredTo;
      next = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
