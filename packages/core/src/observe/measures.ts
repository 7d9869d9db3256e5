// SPDX-License-Identifier: Apache-2.0

/** Label values by label name. */
export type Labels = Readonly<Record<string, string>>;

/** One number with its labels; `suffix` is what Prometheus puts behind the name of a histogram's parts. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

/** Counts events by their labels: a few numbers in memory, whatever happens. */
export class CountByLabels {
  readonly #counts = new Map<string, { readonly labels: Labels; count: number }>();
  #total = 0;
  #burst: { readonly size: number; readonly listener: () => void } | undefined;

  /** Calls `listener` with each `size`-th event. There is one listener. */
  onEvery(size: number, listener: () => void): void {
    this.#burst = { size, listener };
  }

  add(labels: Labels, amount = 1): void {
    entryOf(this.#counts, labels, () => ({ labels, count: 0 })).count += amount;
    this.#total += amount;
    if (this.#burst !== undefined && this.#total % this.#burst.size === 0) this.#burst.listener();
  }

  samples(): Sample[] {
    return [...this.#counts.values()].map(({ labels, count }) => ({ labels, value: count }));
  }
}

/** Counts how often a value fell below each of some bounds, by labels; what Prometheus calls a histogram. */
export class HistogramByLabels {
  readonly #upperBounds: readonly number[];
  readonly #histograms = new Map<
    string,
    { readonly labels: Labels; readonly counts: number[]; sum: number; count: number }
  >();

  /** @param upperBounds - ascending, in the unit of the observed values. */
  constructor(upperBounds: readonly number[]) {
    this.#upperBounds = upperBounds;
  }

  observe(labels: Labels, value: number): void {
    const histogram = entryOf(this.#histograms, labels, () => ({
      labels,
      counts: this.#upperBounds.map(() => 0),
      sum: 0,
      count: 0,
    }));
    histogram.sum += value;
    histogram.count += 1;
    const index = this.#upperBounds.findIndex((bound) => value <= bound);
    if (index >= 0) histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
  }

  samples(): Sample[] {
    return [...this.#histograms.values()].flatMap(({ labels, counts, sum, count }) => {
      let below = 0;
      const buckets = counts.map((inBucket, index): Sample => {
        below += inBucket;
        return { suffix: '_bucket', labels: { ...labels, le: this.#upperBounds[index] ?? 0 }, value: below };
      });
      return [
        ...buckets,
        { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
        { suffix: '_sum', labels, value: sum },
        { suffix: '_count', labels, value: count },
      ];
    });
  }
}

function entryOf<T>(entries: Map<string, T>, labels: Labels, create: () => T): T {
  const key = Object.values(labels).join('\0');
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = create();
    entries.set(key, entry);
  }
  return entry;
}
