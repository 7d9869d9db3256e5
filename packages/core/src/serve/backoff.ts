// SPDX-License-Identifier: Apache-2.0

/** How long to wait between tries. */
export interface BackoffOptions {
  /** Longest wait before the second try, in milliseconds; doubles with each further one. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The wait before try number `attempt` (1 is the first retry), in milliseconds: half of it fixed, half random,
 * so that hundreds of plugins do not call one kubelet in step.
 *
 * @param random - a number in [0, 1).
 */
export function backoffMs(attempt: number, { firstMs, maxMs }: BackoffOptions, random: number): number {
  const ceilingMs = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  return ceilingMs / 2 + (ceilingMs / 2) * random;
}
