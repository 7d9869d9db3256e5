// SPDX-License-Identifier: Apache-2.0
import { meets, type Metric } from './metric.ts';
import type { Results } from './results.ts';
import { median, summarize, type Summary } from './statistics.ts';
import type { Variant } from './variant.ts';

/** The cells of the table, the head first. */
export function tableRows(metrics: readonly Metric[], variants: readonly Variant[], results: Results): string[][] {
  const head = ['', 'unit', 'target', ...variants.map(({ name }) => name)];
  const rows = metrics.map((metric) => [
    metric.label,
    metric.unit,
    targetOf(metric),
    ...variants.map((variant) => cell(metric, variant, variants, results)),
  ]);
  return [head, ...rows];
}

/** Median and range. */
export function formatSummary({ median: middle, min, max }: Summary): string {
  return `${formatFigure(middle)} [${formatFigure(min)}–${formatFigure(max)}]`;
}

/** Every figure, for programs. */
export function figuresAsJson(metrics: readonly Metric[], variants: readonly Variant[], results: Results): string {
  const rows = metrics.map((metric) => ({
    key: metric.key,
    label: metric.label.trim(),
    unit: metric.unit,
    ...(metric.target === undefined ? {} : { target: metric.target }),
    figures: Object.fromEntries(variants.map((variant) => [variant.name, results.figures(metric, variant)])),
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}

/** Three digits that count; thousands are set apart. */
export function formatFigure(figure: number): string {
  const decimals = figure === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(figure))));
  return figure.toLocaleString('en', {
    minimumFractionDigits: Math.min(2, decimals),
    maximumFractionDigits: Math.min(2, decimals),
  });
}

function targetOf({ target }: Metric): string {
  if (target === undefined) return '';
  return `${target.kind === 'at most' ? '≤' : '≥'} ${formatFigure(target.value).replace(/\.0+$/, '')}`;
}

function cell(metric: Metric, variant: Variant, variants: readonly Variant[], results: Results): string {
  const figures = results.figures(metric, variant);
  if (figures.length === 0) return results.remarkOn(metric, variant) ?? '–';
  const summary = summarize(figures);
  const middle = summary.median;
  const text = formatSummary(summary);
  if (variant.isOwn)
    return metric.target === undefined ? text : `${text} ${meets(middle, metric.target) ? 'ok' : 'MISS'}`;
  return `${text}${ratio(metric, middle, variants, results)}`;
}

/** How many times a peer's figure the last of our own variants has. */
function ratio(metric: Metric, peer: number, variants: readonly Variant[], results: Results): string {
  const own = variants.findLast(({ isOwn }) => isOwn);
  const figures = own === undefined ? [] : results.figures(metric, own);
  return figures.length === 0 || peer === 0 ? '' : ` ${formatFigure(median(figures) / peer)}×`;
}
