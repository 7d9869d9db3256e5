// SPDX-License-Identifier: Apache-2.0

/** As much of a value that somebody wrote as a line of the log needs to show what it is. */
export function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const start = text.slice(0, maxCharacters).replaceAll(/\s+/g, ' ');
  return text.length > maxCharacters ? `${start}…` : start;
}

const maxCharacters = 40;
