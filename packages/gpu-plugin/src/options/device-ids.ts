// SPDX-License-Identifier: Apache-2.0
import { argumentError } from './argument-error.ts';

/** Which cards to publish by their PCI device ids. */
export interface DeviceIdFilter {
  /** Only these, unless there are none. */
  readonly allowed: ReadonlySet<string>;
  /** Not these. */
  readonly denied: ReadonlySet<string>;
}

/**
 * The filter of the flags `-allow-ids` and `-deny-ids`, each a list such as `0x56c0,0x56c1`.
 *
 * @throws DevicePluginError `FLAG_INVALID` with upstream's text, in upstream's order of checks.
 */
export function parseDeviceIdFilter(allowIds: string, denyIds: string): DeviceIdFilter {
  if (allowIds !== '' && denyIds !== '')
    throw argumentError('cannot use both allow-ids and deny-ids options at the same time');
  return { allowed: parseDeviceIds('allow-ids', allowIds), denied: parseDeviceIds('deny-ids', denyIds) };
}

function parseDeviceIds(flag: string, list: string): ReadonlySet<string> {
  if (list === '') return new Set();
  const ids = list.split(',').map((id) => id.trim());
  for (const id of ids) {
    if (id === '') throw argumentError(`failed to validate ${flag}: empty PCI ID`);
    if (!isPciId(id)) throw argumentError(`failed to validate ${flag}: invalid PCI ID: ${id}`);
  }
  return new Set(ids);
}

/** Whether the text is a PCI id, of a device or a vendor, as sysfs writes it. Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci. */
export function isPciId(text: string): boolean {
  return /^0x[0-9a-f]{4}$/.test(text);
}
