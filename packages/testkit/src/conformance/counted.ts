// SPDX-License-Identifier: Apache-2.0

/** So many of what a noun means, in words: `1 device`, `2 devices`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
