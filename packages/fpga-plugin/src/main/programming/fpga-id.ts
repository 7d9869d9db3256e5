// SPDX-License-Identifier: Apache-2.0

/**
 * An id of a region or function as sysfs writes it: no dashes, lower case.
 * Metadata of bitstreams and environment variables have them as UUIDs too.
 */
export function canonicalId(text: string): string {
  return text.trim().replaceAll('-', '').toLowerCase();
}

/** Whether a canonical id is one: functions of OpenCL have 40 digits. Source: upstream, its CRDs of v2. */
export function isFpgaId(id: string): boolean {
  return /^[\da-f]{8,40}$/.test(id);
}
