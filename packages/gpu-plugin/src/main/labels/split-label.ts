// SPDX-License-Identifier: Apache-2.0

/** Longest value of a label. Source: Kubernetes, apimachinery/pkg/util/validation, LabelValueMaxLength. */
const maxLabelLength = 63;

/** Begins each value that continues the one before, for a value may not begin with what often stands at a cut: `.`, `-` or `_`. */
const continuationPrefix = 'Z';

/** Cuts a text wherever a chunk is full. */
export function splitAnywhere(text: string, maxLength: number): string[] {
  const chunks: string[] = [];
  for (let start = 0; start === 0 || start < text.length; start += maxLength)
    chunks.push(text.slice(start, start + maxLength));
  return chunks;
}

/**
 * Cuts a text behind the last letter or digit that fits in a chunk, so that each chunk may be the value of a label.
 * Chunks have at most `maxLength` characters, with the `prefix` that each but the first begins with; {@link joinChunks} is the inverse.
 *
 * @returns nothing where it cannot be done: the prefix fills a chunk, or a chunk would have no letter or digit.
 * Upstream: cmd/internal/pluginutils/labels.go, SplitAtLastAlphaNum().
 */
export function splitAtAlphanumeric(text: string, maxLength: number, prefix: string): string[] {
  if (maxLength <= prefix.length) return [];
  const chunks: string[] = [];
  let rest = text;
  for (let room = maxLength; rest.length > room; room = maxLength - prefix.length) {
    const chunk = /^.*[A-Za-z0-9]/s.exec(rest.slice(0, room))?.[0];
    if (chunk === undefined) return [];
    chunks.push(chunk);
    rest = rest.slice(chunk.length);
  }
  return [...chunks, rest].map((chunk, index) => (index === 0 ? chunk : prefix + chunk));
}

/** The text that was cut. */
export function joinChunks(chunks: readonly string[], prefix: string): string {
  return chunks.map((chunk, index) => (index === 0 ? chunk : chunk.slice(prefix.length))).join('');
}

/** A value as labels `name`, `name2`, `name3`, …, each as long as a label may be. */
export function splitLabel(name: string, value: string): [string, string][] {
  const chunks = splitAtAlphanumeric(value, maxLabelLength, continuationPrefix);
  return chunks.map((chunk, index) => [index === 0 ? name : `${name}${index + 1}`, chunk]);
}
