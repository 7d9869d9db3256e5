// SPDX-License-Identifier: Apache-2.0

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The slope of the line through these points: the median of the slopes between any two of them. Up to 29 % of the points may be
 * anything without turning it. 0 when there are not two with different x. Source: P. K. Sen, JASA 63 (1968), 1379.
 */
export function theilSen(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) if (a.x !== b.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  return median(slopes) ?? 0;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [lower, upper] = [sorted[middle - 1], sorted[middle]];
  if (sorted.length % 2 === 1 || lower === undefined || upper === undefined) return upper;
  return (lower + upper) / 2;
}
