// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem } from '@kube-device-plugins/core';
import { deviceDirectory } from '../options/path-pattern.ts';

/**
 * The id of a device: of its name alone, so that it is the same after a restart and whatever other devices there are.
 * That of a path below /dev is the path from there on: `/dev/net/tun` is `net/tun`.
 *
 * A hash ends the ids of names with several parts, that are too long, or that have characters which ids may not have.
 *
 * @param name - what tells the device from all others; several parts for one that is made of several.
 * @param maxLength - as long as the id may be.
 */
export function deviceId(name: readonly string[], maxLength: number): string {
  const [first = ''] = name;
  const readable = first.startsWith(`${deviceDirectory}/`) ? first.slice(deviceDirectory.length + 1) : first;
  const isPlain = name.length === 1 && readable.length <= maxLength && !/~|::/.test(readable);
  if (isPlain && deviceIdProblem(readable) === undefined) return readable;
  const shown = readable.slice(0, maxLength - hashLength - 1).replaceAll(/[^\x21-\x7e]|~/g, '_');
  return `${shown.replaceAll('::', '__')}~${hash48(name.join('\0'))}`;
}

/** The ids under which `count` containers at a time may have a device. A name that has `::` itself never ends up as such an id. */
export function shareIds(id: string, count: number): readonly string[] {
  return count === 1 ? [id] : Array.from({ length: count }, (_, share) => `${id}::${share}`);
}

/** The id of the device that a share is of, or of a device without shares itself. */
export function deviceOfShare(id: string): string {
  return id.replace(/::\d+$/, '');
}

/** As many characters as {@link shareIds} may add. */
export function shareSuffixLength(count: number): number {
  return count === 1 ? 0 : `::${count - 1}`.length;
}

const hashLength = 12;

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
    .padStart(hashLength, '0');
}
