// SPDX-License-Identifier: Apache-2.0

/** Whether a canonical id is one: functions of OpenCL have 40 digits. Source: upstream, its CRDs of v2. */
export function isFpgaId(id: string): boolean {
  return /^[\da-f]{8,40}$/.test(id);
}
