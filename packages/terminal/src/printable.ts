// SPDX-License-Identifier: Apache-2.0

/**
 * The text with everything but printable ASCII written as `\u{…}`, so that its length is its width on every terminal
 * and nothing in it can move the cursor. Device ids are printable ASCII (core, deviceIdProblem); paths and messages may hold anything.
 */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The text in at most `width` columns; a text that does not fit ends in `…`. Takes printable text. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? '' : `${text.slice(0, width - 1)}…`;
}

/** Like {@link cut}, but the `…` stands in the middle: what tells two names or paths apart is often at their end. */
export function cutMiddle(text: string, width: number): string {
  if (text.length <= width || width < 3) return cut(text, width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(-tail)}`;
}
