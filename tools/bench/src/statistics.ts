// SPDX-License-Identifier: Apache-2.0

/** What a row of figures comes down to. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError when there is no figure. */
export function summarize(figures: readonly number[]): Summary {
  return { median: median(figures), min: percentile(figures, 0), max: percentile(figures, 1) };
}

/** The middle figure, or the mean of the two in the middle. */
export function median(figures: ArrayLike<number>): number {
  const sorted = sort(figures);
  const upper = at(sorted, Math.floor(sorted.length / 2));
  return sorted.length % 2 === 1 ? upper : (at(sorted, sorted.length / 2 - 1) + upper) / 2;
}

/** The smallest figure that `share` (0 to 1) of all figures do not exceed. */
export function percentile(figures: ArrayLike<number>, share: number): number {
  const sorted = sort(figures);
  return at(sorted, Math.max(0, Math.ceil(share * sorted.length) - 1));
}

function sort(figures: ArrayLike<number>): Float64Array {
  return Float64Array.from(figures).sort();
}

function at(sorted: Float64Array, index: number): number {
  const figure = sorted[index];
  if (figure === undefined) throw new RangeError('there is no figure');
  return figure;
}
