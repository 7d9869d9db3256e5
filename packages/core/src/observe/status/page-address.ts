// SPDX-License-Identifier: Apache-2.0

/** The address of the status page with these words behind its `?`, as the pages link to each other; what is undefined is left out. */
export function pageAddress(query: Readonly<Record<string, string | number | undefined>>): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) words.set(name, String(value));
  return `?${words.toString()}`;
}
