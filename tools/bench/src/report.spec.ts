// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { atLeast, atMost, type Metric } from './metric.ts';
import { figuresAsJson, formatFigure, tableRows } from './report.ts';
import { Results } from './results.ts';
import { ownVariants, peerVariant } from './variant.ts';

const start: Metric = { key: 'start', label: 'start', unit: 'ms', target: atMost(80) };
const throughput: Metric = { key: 'throughput', label: 'calls', unit: '/s', target: atLeast(14_000) };
const memory: Metric = { key: 'memory', label: '  memory', unit: 'MiB' };
const [plain, image] = ownVariants('node', 'main.mjs', undefined) as [
  ReturnType<typeof peerVariant>,
  ReturnType<typeof peerVariant>,
];
const peer = peerVariant('go=plugin {dir}');

function resultsOf(...figures: [Metric, typeof plain, ...number[]][]): Results {
  const results = new Results();
  for (const [metric, variant, ...row] of figures) row.forEach((figure) => results.add(metric, variant, figure));
  return results;
}

describe('tableRows()', () => {
  it('shows median and range, and whether the median keeps the target', () => {
    const results = resultsOf(
      [start, plain, 70, 79, 90],
      [start, image, 81],
      [throughput, plain, 14_000],
      [throughput, image, 13_999],
    );
    expect(tableRows([start, throughput], [plain, image], results)).toEqual([
      ['', 'unit', 'target', 'plain', 'image'],
      ['start', 'ms', '≤ 80', '79.0 [70.0–90.0] ok', '81.0 [81.0–81.0] MISS'],
      ['calls', '/s', '≥ 14,000', '14,000 [14,000–14,000] ok', '13,999 [13,999–13,999] MISS'],
    ]);
  });

  it('shows how many times the figure of a peer the image takes', () => {
    const results = resultsOf([start, image, 60], [start, peer, 10], [memory, peer, 5]);
    const [, first, second] = tableRows([start, memory], [plain, image, peer], results);
    expect(first?.at(-1)).toBe('10.0 [10.0–10.0] 6.00×');
    expect(second?.at(-1)).toBe('5.00 [5.00–5.00]');
  });

  it('says why there is no figure', () => {
    const results = resultsOf();
    results.remark([start], plain, 'not measured: no writable cpu cgroup');
    expect(tableRows([start], [plain, image], results)[1]?.slice(3)).toEqual([
      'not measured: no writable cpu cgroup',
      '–',
    ]);
  });
});

describe('Results', () => {
  it('holds a failure of a peer against nobody', () => {
    const results = new Results();
    results.fail([start], peer, new Error('no registration within 15 s'));
    expect(results.failures).toEqual([]);
    expect(results.remarkOn(start, peer)).toBe('failed: no registration within 15 s');
  });

  it('keeps a failure of our own in full', () => {
    const results = new Results();
    results.fail([start], plain, new Error('plain ended (1)\nE wrong'));
    expect(results.failures).toEqual(['plain: plain ended (1)\nE wrong']);
    expect(results.remarkOn(start, plain)).toBe('failed: plain ended (1)');
  });
});

describe('figuresAsJson()', () => {
  it('holds every figure', () => {
    const results = resultsOf([memory, plain, 3, 1, 2]);
    expect(JSON.parse(figuresAsJson([memory], [plain, image], results))).toEqual([
      { key: 'memory', label: 'memory', unit: 'MiB', figures: { plain: [3, 1, 2], image: [] } },
    ]);
  });
});

describe('formatFigure()', () => {
  it.each([
    [0, '0'],
    [0.004, '0.00'],
    [0.456, '0.46'],
    [9.876, '9.88'],
    [98.76, '98.8'],
    [987.6, '988'],
    [14_856.4, '14,856'],
  ])('writes %d as %s', (figure, text) => {
    expect(formatFigure(figure)).toBe(text);
  });
});
