// SPDX-License-Identifier: Apache-2.0

/** One line of the table. */
export interface Metric {
  /** Unique; the key in the JSON file. */
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  /** What the median is to keep. */
  readonly target?: Target;
}

export interface Target {
  readonly kind: 'at most' | 'at least';
  readonly value: number;
}

export function atMost(value: number): Target {
  return { kind: 'at most', value };
}

export function atLeast(value: number): Target {
  return { kind: 'at least', value };
}

export function meets(value: number, { kind, value: limit }: Target): boolean {
  return kind === 'at most' ? value <= limit : value >= limit;
}
