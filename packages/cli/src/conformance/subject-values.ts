// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';

/** @throws DevicePluginError `CONFIG_INVALID` unless it is a mapping. */
export function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) reject(where, 'has to be a mapping');
  return value as Readonly<Record<string, unknown>>;
}

/** @throws DevicePluginError `CONFIG_INVALID` unless it is a list of at least one text. */
export function words(value: unknown, where: string): readonly [string, ...string[]] {
  const [first, ...rest] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof first !== 'string' || !rest.every((word) => typeof word === 'string')) {
    reject(where, 'has to be a list of at least one text');
  }
  return [first, ...rest];
}

/** @throws DevicePluginError `CONFIG_INVALID` unless it is a mapping to texts. */
export function texts(value: unknown, where: string): Readonly<Record<string, string>> {
  const entries = Object.entries(record(value, where));
  for (const [key, text] of entries) if (typeof text !== 'string') reject(`${where}.${key}`, 'has to be a text');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** @throws DevicePluginError `CONFIG_INVALID` when there is another key. */
export function rejectOthers(mapping: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(mapping))
    if (!known.includes(key)) reject(`${where}.${key}`, `is none of ${known.join(', ')}`);
}

/** @throws DevicePluginError `CONFIG_INVALID` */
export function reject(where: string, why: string): never {
  throw new DevicePluginError('CONFIG_INVALID', `${where} ${why}`);
}
