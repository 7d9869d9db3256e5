// SPDX-License-Identifier: Apache-2.0
import { headingLine } from './heading.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { tableLines } from './table.ts';
import { listLimitMs, untilListed } from './until-listed.ts';
import { eventText } from './view.ts';

/** The table once everything is listed, then a line for each event; resolves when `signal` aborts. */
export async function runPlain(
  session: Session,
  { write, columns, paint, notices }: Output,
  signal: AbortSignal,
): Promise<void> {
  const { board, pluginName, resources, startedMs } = session;
  write([headingLine(session), ...notices]);
  await untilListed(session, listLimitMs(session), signal).catch((error: unknown) => {
    // A plugin that knows by itself what to publish may have nothing to.
    if (!signal.aborted && resources.length > 0) throw error;
  });
  if (signal.aborted) return;
  const table =
    board.rows.length > 0 ? tableLines(board.rows, columns, paint) : [`${pluginName} lists no devices yet.`];
  write(['', ...table, '', ...board.warnings.map((warning) => eventText(warning, startedMs))]);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const unsubscribe = board.subscribe((event) => {
    if (event !== undefined) write([eventText(event, startedMs)]);
  });
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  await promise;
  unsubscribe();
}
