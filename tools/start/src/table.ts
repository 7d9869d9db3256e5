// SPDX-License-Identifier: Apache-2.0
import { type Paint, type Style } from './paint.ts';
import { cut, cutMiddle, printable } from './printable.ts';

/** One device as the kubelet sees it. */
export interface DeviceRow {
  readonly resource: string;
  readonly id: string;
  readonly health: string;
  /** Empty when the host names none. */
  readonly numaNodes: readonly number[];
  /** Paths on the host; undefined while nobody has asked the plugin. */
  readonly hostNodes: readonly string[] | undefined;
  /** Pod and container, when the device is taken. */
  readonly allocatedTo?: string | undefined;
}

/** A heading, then one line for each row; no line is wider than `width` columns. */
export function tableLines(rows: readonly DeviceRow[], width: number, paint: Paint): string[] {
  const cells = rows.map(cellsOf);
  const widths = fitWidths(naturalWidths([columns, ...cells]), width);
  const heading = line(columns, widths, width, () => 'bold', paint);
  return [heading, ...cells.map((row) => line(row, widths, width, cellStyle, paint))];
}

const columns = ['RESOURCE', 'DEVICE ID', 'HEALTH', 'NUMA NODE', 'HOST NODES', 'ALLOCATED TO'];
const gap = 2;

function cellsOf(row: DeviceRow): string[] {
  return [
    row.resource,
    row.id,
    row.health,
    row.numaNodes.join(','),
    hostNodesCell(row.hostNodes),
    row.allocatedTo ?? '',
  ].map((cell) => (cell === '' ? '-' : printable(cell)));
}

function hostNodesCell(nodes: readonly string[] | undefined): string {
  return nodes === undefined ? '?' : nodes.join(' ');
}

function naturalWidths(rows: readonly (readonly string[])[]): number[] {
  return columns.map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0));
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

function cellStyle(cell: string, column: number): Style | undefined {
  if (cell === '-' || cell === '?') return 'dim';
  if (columns[column] === 'HEALTH') return cell === 'Healthy' ? 'green' : 'red';
  return columns[column] === 'ALLOCATED TO' ? 'cyan' : undefined;
}
