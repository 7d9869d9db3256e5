// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { growthPlot, type Panel } from './growth-plot.ts';
import type { Metric } from './metric.ts';
import { Results } from './results.ts';
import { peerVariant } from './variant.ts';

const variant = peerVariant('a=plugin {dir}');
const metrics: readonly Metric[] = [10, 100, 1_000].map((count) => ({
  key: `cpu.${count}`,
  label: `${count}`,
  unit: 'ms',
}));
const panel: Panel = {
  title: 'CPU <of> it',
  unit: 'ms',
  points: metrics.map((metric, index) => [10 ** (index + 1), metric]),
};

function plot(...figures: readonly (readonly number[])[]): string {
  const results = new Results();
  for (const [index, row] of figures.entries()) {
    const metric = metrics[index] ?? expect.fail('no such row');
    for (const figure of row) results.add(metric, variant, figure);
  }
  return growthPlot([panel], [variant], results, 'a machine');
}

/** Places of the line, from left to right. */
function places(svg: string): number[][] {
  const [, points = ''] = /<polyline [^>]*points="([^"]*)"/.exec(svg) ?? [];
  return points.split(' ').map((place) => place.split(',').map(Number));
}

describe('growthPlot()', () => {
  it('draws a cost that grows with the number as a straight line upwards', () => {
    const [first = [], second = [], third = []] = places(plot([1], [10], [100]));
    expect((first[0] ?? 0) + (third[0] ?? 0)).toBeCloseTo(2 * (second[0] ?? 0), 0);
    expect((first[1] ?? 0) + (third[1] ?? 0)).toBeCloseTo(2 * (second[1] ?? 0), 0);
    expect(first[0]).toBeLessThan(third[0] ?? 0);
    expect(first[1]).toBeGreaterThan(third[1] ?? 0);
  });

  it('draws one that stays as it is level', () => {
    expect(new Set(places(plot([30], [30], [30])).map(([, y]) => y)).size).toBe(1);
  });

  it('takes the median, and leaves out what was not measured', () => {
    const svg = plot([1, 5, 100], [7]);
    expect(places(svg)).toHaveLength(2);
    expect(svg).toContain('<title>a, 10: 5.00</title>');
  });

  it('stays within its frame, whatever the figures are', () => {
    const svg = plot([0.0004], [3], [81_000]);
    const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
    for (const [x = 0, y = 0] of places(svg)) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(height);
    }
  });

  it('says that nothing was measured', () => {
    const svg = plot();
    expect(svg).toContain('not measured');
    expect(svg).not.toContain('polyline');
    expect(svg).not.toContain('NaN');
  });

  it('is text that no markup is in, and has colours for light and dark', () => {
    const svg = plot([1], [2]);
    expect(svg).toContain('CPU &lt;of&gt; it');
    expect(svg).toContain('prefers-color-scheme:dark');
  });
});
