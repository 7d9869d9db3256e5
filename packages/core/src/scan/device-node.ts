// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';

/** Type and number of a device special file. */
export interface DeviceNode {
  readonly type: 'char' | 'block';
  readonly major: number;
  readonly minor: number;
}

/** The device node that these stats describe, or undefined when they are of something else. */
export function deviceNodeOf(stats: BigIntStats): DeviceNode | undefined {
  if (stats.isCharacterDevice()) return { type: 'char', ...splitRdev(stats.rdev) };
  if (stats.isBlockDevice()) return { type: 'block', ...splitRdev(stats.rdev) };
  return undefined;
}

/**
 * Major and minor number of a `dev_t`, which has them in four pieces and is too wide for a JavaScript number.
 * Source: makedev(3); gnu_dev_major and gnu_dev_minor of glibc.
 */
export function splitRdev(rdev: bigint): { readonly major: number; readonly minor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

/** The device node that a text such as `c 226:128` or `b 8:0` describes. */
export function parseDeviceNode(text: string): DeviceNode | undefined {
  const [, type, major, minor] = /^([bc]) (\d{1,10}):(\d{1,10})$/.exec(text.trim()) ?? [];
  if (type === undefined) return undefined;
  return { type: type === 'c' ? 'char' : 'block', major: Number(major), minor: Number(minor) };
}
