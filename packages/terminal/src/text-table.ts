// SPDX-License-Identifier: Apache-2.0
import type { Paint, Style } from './paint.ts';
import { cut, cutMiddle, printable } from './printable.ts';

/** How a table is painted. */
export interface TableStyle {
  readonly paint: Paint;
  /** The style of a cell by its text and the title of its column; undefined for none. */
  readonly cellStyle: (cell: string, column: string) => Style | undefined;
}

/** A heading, then one line for each row; no line is wider than `width` columns. An empty cell is shown as a dash. */
export function textTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  { paint, cellStyle }: TableStyle,
): string[] {
  const cells = rows.map((row) => row.map((cell) => (cell === '' ? '-' : printable(cell))));
  const widths = fitWidths(naturalWidths(columns, cells), width);
  const heading = line(columns, widths, width, () => 'bold', paint);
  const styleOf = (cell: string, column: number): Style | undefined => cellStyle(cell, columns[column] ?? '');
  return [heading, ...cells.map((row) => line(row, widths, width, styleOf, paint))];
}

const gap = 2;

function naturalWidths(columns: readonly string[], rows: readonly (readonly string[])[]): number[] {
  return columns.map((title, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), title.length),
  );
}

/** Takes from the widest column until all fit beside each other; below one column each it is left to the cut of the line. */
function fitWidths(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const gaps = gap * (widths.length - 1);
  for (let excess = widths.reduce((sum, one) => sum + one, gaps) - width; excess > 0; excess -= 1) {
    const widest = Math.max(...widths);
    if (widest <= 1) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** Colours come last, one cell after the other, because escape sequences have a length but no width. */
function line(
  cells: readonly string[],
  widths: readonly number[],
  width: number,
  style: (cell: string, column: number) => Style | undefined,
  paint: Paint,
): string {
  let room = width;
  let painted = '';
  for (const [column, columnWidth] of widths.entries()) {
    const cell = cells[column] ?? '';
    const shown = cut(cutMiddle(cell, columnWidth), room);
    const padding = Math.min(room, columnWidth + gap) - shown.length;
    const chosen = style(cell, column);
    painted += (chosen === undefined || shown === '' ? shown : paint(chosen, shown)) + ' '.repeat(padding);
    room -= shown.length + padding;
  }
  return painted.trimEnd();
}
