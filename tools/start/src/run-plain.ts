// SPDX-License-Identifier: Apache-2.0
import { headingLine } from './heading.ts';
import { listLimitMs } from './run-once.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { tableLines } from './table.ts';
import { untilListed } from './until-listed.ts';
import { eventText } from './view.ts';

/** The table once everything is listed, then a line for each event; resolves when `signal` aborts. */
export async function runPlain(
  session: Session,
  { write, columns, paint, notices }: Output,
  signal: AbortSignal,
): Promise<void> {
  const { board, startedMs } = session;
  write([headingLine(session), ...notices]);
  await untilListed(session, listLimitMs, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  if (signal.aborted) return;
  write(['', ...tableLines(board.rows, columns, paint), '']);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const unsubscribe = board.subscribe((event) => {
    if (event !== undefined) write([eventText(event, startedMs)]);
  });
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  await promise;
  unsubscribe();
}
