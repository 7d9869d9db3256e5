// SPDX-License-Identifier: Apache-2.0

/** The smallest of the values that so many hundredths of them do not exceed; undefined when there is none. */
export function percentile(values: readonly number[], hundredths: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((hundredths / 100) * sorted.length) - 1)];
}
