// SPDX-License-Identifier: Apache-2.0
import type { Row } from './checklist.ts';

/** The table that is printed. */
export function formatRows(rows: readonly Row[]): string {
  const cells = rows.map(({ number, demand, outcome, detail }) => [String(number), demand, outcome, oneLine(detail)]);
  const table = [['#', 'ITEM', 'OUTCOME', 'DETAIL'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Enough to know what to run by hand. */
const maxDetailLength = 400;

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > maxDetailLength ? `${line.slice(0, maxDetailLength)} …` : line;
}
