// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountByLabels, HistogramByLabels } from './measures.ts';

describe('CountByLabels', () => {
  it('counts by labels', () => {
    const counts = new CountByLabels();
    counts.add({ resource: 'a', result: 'ok' });
    counts.add({ resource: 'a', result: 'ok' }, 2);
    counts.add({ resource: 'a', result: 'error' });
    counts.add({});
    expect(counts.samples()).toEqual([
      { labels: { resource: 'a', result: 'ok' }, value: 3 },
      { labels: { resource: 'a', result: 'error' }, value: 1 },
      { labels: {}, value: 1 },
    ]);
  });
});

describe('HistogramByLabels', () => {
  it('has cumulative buckets whose bounds belong to them', () => {
    const histogram = new HistogramByLabels([1, 2, 5]);
    for (const value of [0.5, 1, 1.5, 5, 7]) histogram.observe({ resource: 'a' }, value);
    expect(histogram.samples()).toEqual([
      { suffix: '_bucket', labels: { resource: 'a', le: 1 }, value: 2 },
      { suffix: '_bucket', labels: { resource: 'a', le: 2 }, value: 3 },
      { suffix: '_bucket', labels: { resource: 'a', le: 5 }, value: 4 },
      { suffix: '_bucket', labels: { resource: 'a', le: '+Inf' }, value: 5 },
      { suffix: '_sum', labels: { resource: 'a' }, value: 15 },
      { suffix: '_count', labels: { resource: 'a' }, value: 5 },
    ]);
  });

  it('has nothing before the first value, and keeps labels apart', () => {
    const histogram = new HistogramByLabels([1]);
    expect(histogram.samples()).toEqual([]);
    histogram.observe({ resource: 'a' }, 1);
    histogram.observe({ resource: 'b' }, 1);
    expect(histogram.samples()).toHaveLength(8);
  });

  it('counts for each bound the values that are not above it', () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(bounds, fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1 }), (upperBounds, values) => {
        const histogram = new HistogramByLabels(upperBounds);
        for (const value of values) histogram.observe({}, value);
        const buckets = histogram.samples().filter(({ suffix }) => suffix === '_bucket');
        expect(buckets.map(({ value }) => value)).toEqual(
          [...upperBounds, Infinity].map((bound) => values.filter((value) => value <= bound).length),
        );
      }),
    );
  });
});
