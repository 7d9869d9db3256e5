// SPDX-License-Identifier: Apache-2.0

/** Lines of a table with columns as wide as they have to be; the first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => widthOf(row[column]))));
  const lines = rows.map((row) =>
    widths
      .map((width, column) => pad(row[column], width))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [...lines.slice(0, 1), rule, ...lines.slice(1)];
}

function pad(cell: string | undefined, width: number): string {
  return (cell ?? '') + ' '.repeat(width - widthOf(cell));
}

/** Every character here is one column wide; `length` would count some twice. */
function widthOf(cell: string | undefined): number {
  return Array.from(cell ?? '').length;
}
