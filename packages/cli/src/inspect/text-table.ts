// SPDX-License-Identifier: Apache-2.0
import { printable } from '../printable.ts';

/** Heads of columns, and rows of as many cells. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * A table as text, two spaces between columns, those without any content left out.
 *
 * @param width - characters that a line may have: the widest columns are cut to it with …; undefined to cut nothing.
 */
export function textTable(table: Table, width?: number): string {
  const { columns, rows } = withoutEmpty(table);
  const lines = [columns, ...rows].map((cells) => cells.map(printable));
  const natural = columns.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const widths = width === undefined ? natural : fitted(natural, width - gap.length * (columns.length - 1));
  const texts = lines.map((cells) =>
    cells
      .map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
  return texts.map((line) => `${line}\n`).join('');
}

const gap = '  ';

/** Below this a column says nothing, and a line is rather too long. */
const minWidth = 8;

function withoutEmpty({ columns, rows }: Table): Table {
  const isUsed = columns.map((_, column) => rows.some((cells) => (cells[column] ?? '') !== ''));
  const used = (cells: readonly string[]): readonly string[] => cells.filter((_, column) => isUsed[column]);
  return { columns: used(columns), rows: rows.map(used) };
}

/** Takes from the widest, until all fit. */
function fitted(natural: readonly number[], available: number): readonly number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - available; excess > 0; excess -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= minWidth) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function cut(cell: string, width: number): string {
  return cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
}
