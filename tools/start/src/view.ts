// SPDX-License-Identifier: Apache-2.0
import { count, type BoardEvent } from './board.ts';
import { cut, printable, type Paint, type Size } from '@kube-device-plugins/terminal';
import { tableLines, type DeviceRow } from './table.ts';

/** All that the live screen shows. */
export interface View {
  /** What runs where, one line each. */
  readonly heading: readonly string[];
  readonly rows: readonly DeviceRow[];
  readonly events: readonly BoardEvent[];
  /** Of the events those that stay on the screen when others have pushed them off. */
  readonly warnings: readonly BoardEvent[];
  readonly startedMs: number;
  /** What the keys do. */
  readonly keys: string;
  /** Index of the row at the top, for tables longer than the screen. */
  readonly firstRow: number;
}

/** The lines of the screen, top to bottom: never more than `size.rows`, none wider than `size.columns`. */
export function viewLines(view: View, size: Size, paint: Paint): string[] {
  const heading = view.heading.map((text) => paint('bold', cut(printable(text), size.columns)));
  const keys = paint('dim', cut(printable(view.keys), size.columns));
  const events = shownEvents(view, size).map((event) => eventLine(event, view, size, paint));
  const below = ['', ...events, '', keys];
  const table = [...heading, '', ...tablePart(view, size, size.rows - heading.length - 1 - below.length, paint)];
  return [...table, ...below].slice(0, Math.max(0, size.rows));
}

/** The greatest useful {@link View.firstRow} on a screen of this size. */
export function lastFirstRow(view: View, size: Size): number {
  const room = size.rows - view.heading.length - 1 - (shownEvents(view, size).length + 3);
  return view.rows.length < room ? 0 : Math.max(0, view.rows.length - Math.max(1, room - 2));
}

/** `+1.2 s  what happened`, with the time since `startedMs`. */
export function eventText(event: BoardEvent, startedMs: number): string {
  return `+${((event.atMs - startedMs) / 1000).toFixed(1)} s`.padEnd(10) + printable(event.text);
}

/** The last events, of which up to half are the last warnings. */
function shownEvents({ events, warnings }: View, size: Size): BoardEvent[] {
  const room = eventRoom(size);
  const kept = warnings.slice(Math.max(0, warnings.length - Math.floor(room / 2)));
  const others = events.filter((event) => !kept.includes(event)).slice(kept.length - room);
  const shown = new Set([...kept, ...others]);
  return [...kept.filter((event) => !events.includes(event)), ...events.filter((event) => shown.has(event))];
}

/** A quarter of the screen, and at most eight lines. */
function eventRoom(size: Size): number {
  return Math.max(1, Math.min(8, Math.floor(size.rows / 4)));
}

function eventLine(event: BoardEvent, view: View, size: Size, paint: Paint): string {
  const text = cut(eventText(event, view.startedMs), size.columns);
  return event.isBad ? paint('red', text) : text;
}

/** The heading and as many rows as fit in `room` lines; widths are those of the whole table, so that scrolling moves no column. */
function tablePart(view: View, size: Size, room: number, paint: Paint): string[] {
  const [heading = '', ...rows] = tableLines(view.rows, size.columns, paint);
  if (rows.length < room) return [heading, ...rows];
  const first = Math.min(view.firstRow, lastFirstRow(view, size));
  const shown = rows.slice(first, first + Math.max(1, room - 2));
  const more = `… and ${rows.length - shown.length} of ${count(rows.length, 'device')} more (arrow keys scroll)`;
  return [heading, ...shown, paint('dim', cut(more, size.columns))];
}
