// SPDX-License-Identifier: Apache-2.0
import type { Metric } from './metric.ts';
import { formatFigure } from './report.ts';
import type { Results } from './results.ts';
import { median } from './statistics.ts';
import type { Variant } from './variant.ts';

/** One figure over a number. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly (readonly [count: number, metric: Metric])[];
}

/** A line of a panel: medians, without the numbers that were not measured. */
interface Line {
  readonly name: string;
  readonly points: readonly (readonly [count: number, figure: number])[];
}

/**
 * The panels side by side as an SVG of its own, each with a line for each variant and logarithmic axes, on which a cost that grows with
 * the number is a straight line. Colours follow the reader's choice of light or dark; lines differ in their marks too.
 */
export function growthPlot(
  panels: readonly Panel[],
  variants: readonly Variant[],
  results: Results,
  caption: string,
): string {
  const width = panels.length * panelWidth;
  const drawn = panels.map((panel, index) => {
    const lines = variants.map((variant) => lineOf(panel, variant, results)).filter(({ points }) => points.length > 0);
    return `<g transform="translate(${index * panelWidth} 0)">${drawPanel(panel, lines)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${panelHeight + 24}" role="img">`,
    `<title>How costs grow with the number of devices</title>`,
    style,
    `<rect class="paper" width="${width}" height="${panelHeight + 24}"/>`,
    ...drawn,
    text(12, panelHeight + 12, 'note', `${caption}; medians`),
    '</svg>\n',
  ].join('\n');
}

const panelWidth = 300;
const panelHeight = 260;
const area = { left: 52, right: panelWidth - 28, top: 52, bottom: panelHeight - 36 };

const style = `<style>
.paper{fill:#fff}text{font:11px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:13px}.note{fill:#666}
.grid{stroke:#ddd}.line{fill:none;stroke-width:2}.c0{stroke:#0b62a8}.c1{stroke:#b3480e}.c2{stroke:#2c7a3f}.dot{fill:#fff;stroke-width:2}
@media(prefers-color-scheme:dark){.paper,.dot{fill:#14171a}text{fill:#d8dce0}.note{fill:#9aa2aa}.grid{stroke:#363c42}
.c0{stroke:#63b3f2}.c1{stroke:#f29a63}.c2{stroke:#7fd192}}
</style>`;

function lineOf({ points }: Panel, variant: Variant, results: Results): Line {
  const measured = points.flatMap(([count, metric]) => {
    const figures = results.figures(metric, variant);
    return figures.length === 0 ? [] : [[count, median(figures)] as const];
  });
  return { name: variant.name, points: measured };
}

function drawPanel({ title, unit }: Panel, lines: readonly Line[]): string {
  const head = text(12, 20, 'title', `${title}, ${unit}`);
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return head + text(12, 40, 'note', 'not measured');
  const x = logScale(
    points.map(([count]) => count),
    area.left,
    area.right,
  );
  const y = logScale(
    points.map(([, figure]) => figure),
    area.bottom,
    area.top,
  );
  const grid = [
    ...x.ticks.map((tick) => rule(x.at(tick), area.top, x.at(tick), area.bottom)),
    ...x.ticks.map((tick) => text(x.at(tick), area.bottom + 16, 'tick', formatTick(tick), 'middle')),
    ...y.ticks.map((tick) => rule(area.left, y.at(tick), area.right, y.at(tick))),
    ...y.ticks.map((tick) => text(area.left - 6, y.at(tick) + 4, 'tick', formatTick(tick), 'end')),
  ];
  const drawn = lines.map(({ name, points: own }, index) => {
    const places = own.map(([count, figure]) => [x.at(count), y.at(figure)] as const);
    return drawLine(name, places, own, index);
  });
  return [head, ...grid, ...drawn, text(area.right, area.bottom + 30, 'note', 'devices', 'end')].join('');
}

function drawLine(
  name: string,
  places: readonly (readonly [number, number])[],
  points: Line['points'],
  index: number,
): string {
  const colour = `c${index % 3}`;
  const path = places.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  const dots = places.map(([x, y], place) => {
    const [count = 0, figure = 0] = points[place] ?? [];
    return `<circle class="dot ${colour}" cx="${round(x)}" cy="${round(y)}" r="${3 + index}"><title>${escape(`${name}, ${formatTick(count)}: ${formatFigure(figure)}`)}</title></circle>`;
  });
  const key = 12 + index * 80;
  const legend = `<line class="line ${colour}" x1="${key}" y1="36" x2="${key + 18}" y2="36"/>${text(key + 24, 40, 'key', name)}`;
  return `${legend}<polyline class="line ${colour}" points="${path}"/>${dots.join('')}`;
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** From the power of ten below the least to that above the most; between two of them also at 2 and 5, where there is room. */
function logScale(values: readonly number[], from: number, to: number): Scale {
  const exponents = values.map((value) => Math.log10(Math.max(value, Number.MIN_VALUE)));
  const low = Math.floor(Math.min(...exponents));
  const high = Math.max(low + 1, Math.ceil(Math.max(...exponents)));
  const decades = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step));
  const between = high - low > 2 ? [] : decades.slice(0, -1).flatMap((decade) => [2 * decade, 5 * decade]);
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: [...decades, ...between],
  };
}

function formatTick(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 3 });
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

function text(x: number, y: number, kind: string, content: string, anchor = 'start'): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
