// SPDX-License-Identifier: Apache-2.0

/**
 * Eight characters that stand for a text in a file name; not a secret and not proof against anybody.
 * FNV-1a, 32 bits (draft-eastlake-fnv): a hash of node:crypto would have each start set up OpenSSL, 3 ms before the first registration.
 */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hex32(hash >>> 0);
}

/** Eight characters that no other process is likely to draw. */
export function randomName(): string {
  return hex32(Math.floor(Math.random() * 2 ** 32));
}

function hex32(number: number): string {
  return number.toString(16).padStart(8, '0');
}
