// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem } from '@kube-device-plugins/core';

/**
 * Gives each path below /dev an id that people recognise and that stays the same after a restart: `/dev/net/tun` is `net-tun`.
 *
 * A hash ends the ids of paths that are too long, have characters that ids may not have, or look like an earlier one
 * (`/dev/net-tun` behind `/dev/net/tun`). The paths have to differ from each other.
 */
export function deviceIds(paths: readonly string[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const path of paths) {
    const readable = path.slice('/dev/'.length).replaceAll('/', '-');
    let id = deviceIdProblem(readable) === undefined ? readable : withHash(readable, path);
    while (taken.has(id)) id = withHash(readable, `${path} ${id}`);
    taken.add(id);
    ids.set(path, id);
  }
  return ids;
}

/** As many characters of the readable part as leave room for a dash and the hash in the 63 of an id. */
const readableLength = 50;

function withHash(readable: string, hashed: string): string {
  return `${readable.slice(0, readableLength).replaceAll(/[^\x21-\x7e]/g, '_')}-${hash48(hashed)}`;
}

/**
 * FNV-1a with 64 bits, folded to 48, as 12 hexadecimal digits: two of 10,000 texts meet in one of five million nodes.
 * Source: RFC 9923.
 */
function hash48(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return BigInt.asUintN(48, hash ^ (hash >> 48n))
    .toString(16)
    .padStart(12, '0');
}
