// SPDX-License-Identifier: Apache-2.0
import { count, type Board } from './board.ts';
import type { Session } from './session.ts';
import { within } from './within.ts';

/**
 * Resolves when every resource has listed its devices and the plugin has described those that are healthy.
 *
 * @throws StartError after `limitMs`; rejects with the signal's reason when it aborts.
 */
export async function untilListed(
  { board, resources }: Pick<Session, 'board' | 'resources'>,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const check = (): void => {
    if (isComplete(board, resources)) resolve(undefined);
  };
  const unsubscribe = board.subscribe(check);
  check();
  try {
    await within(promise, limitMs, () => lateMessage(board, resources, limitMs), signal);
  } finally {
    unsubscribe();
  }
}

function isComplete(board: Board, resources: readonly string[]): boolean {
  return missing(board, resources).length === 0 && board.rows.every(isDescribed);
}

function isDescribed(row: Board['rows'][number]): boolean {
  return row.hostNodes !== undefined || row.health !== 'Healthy';
}

function missing(board: Board, resources: readonly string[]): string[] {
  const listed = new Set(board.resources);
  return resources.filter((resource) => !listed.has(resource));
}

function lateMessage(board: Board, resources: readonly string[], limitMs: number): string {
  const late = missing(board, resources);
  const undescribed = board.rows.filter((row) => !isDescribed(row)).length;
  const what =
    late.length > 0 ? `${late.join(', ')} listed nothing` : `${count(undescribed, 'device')} had no description`;
  const events = board.events.slice(-5).map(({ text }) => `\n  ${text}`);
  return `after ${limitMs / 1000} s ${what}; the last events:${events.join('')}`;
}
