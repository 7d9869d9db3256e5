// SPDX-License-Identifier: Apache-2.0

/** Text as Go's `%q` prints it: in double quotes, on one line, nothing in it that a terminal would act on. */
export function goQuote(text: string): string {
  return `"${escapeUnprintable(text.replace(/["\\]/g, '\\$&'))}"`;
}

/** Replaces every character that is not printable by its escape in Go. Source: Go, strconv.Quote() and unicode.IsPrint(). */
export function escapeUnprintable(text: string): string {
  return /^[ -~]*$/.test(text) ? text : text.replace(unprintable(), escape);
}

/** In a function of its own: nearly all text is ASCII, and V8 takes 3 ms to read this. */
function unprintable(): RegExp {
  return /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\U${hex.padStart(8, '0')}`;
  return shortEscapes[character] ?? (code < 0x80 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}
