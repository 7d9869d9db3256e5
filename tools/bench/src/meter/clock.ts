// SPDX-License-Identifier: Apache-2.0

/** Milliseconds of CLOCK_MONOTONIC, the same in every process of a machine. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
