// SPDX-License-Identifier: Apache-2.0
import { count, type Board } from './board.ts';
import type { Session } from './session.ts';
import { within } from './within.ts';

/** A plugin needs a fraction of a second; one that waits for something may take longer. Where the resources are not known there may be none. */
export function listLimitMs({ resources }: Pick<Session, 'resources'>): number {
  return resources.length > 0 ? 30_000 : 5_000;
}

/** Resources that a plugin finds together are listed within milliseconds of each other. */
const quietMs = 300;

/**
 * Resolves when every resource has listed its devices and the plugin has described those that are healthy;
 * where the resources are not known, when this holds for those that there are, and no other has come for a moment.
 *
 * @throws StartError after `limitMs`; rejects with the signal's reason when it aborts.
 */
export async function untilListed(
  { board, resources }: Pick<Session, 'board' | 'resources'>,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let quiet: NodeJS.Timeout | undefined;
  let listed = 0;
  const check = (): void => {
    const found = isComplete(board, resources) ? board.resources.length : 0;
    if (found === listed) return;
    listed = found;
    clearTimeout(quiet);
    if (found > 0) quiet = setTimeout(resolve, resources.length > 0 ? 0 : quietMs, undefined);
  };
  const unsubscribe = board.subscribe(check);
  check();
  try {
    await within(promise, limitMs, () => lateMessage(board, resources, limitMs), signal);
  } finally {
    unsubscribe();
    clearTimeout(quiet);
  }
}

function isComplete(board: Board, resources: readonly string[]): boolean {
  return board.resources.length > 0 && missing(board, resources).length === 0 && board.rows.every(isDescribed);
}

function isDescribed(row: Board['rows'][number]): boolean {
  return row.hostNodes !== undefined || row.health !== 'Healthy';
}

function missing(board: Board, resources: readonly string[]): string[] {
  const listed = new Set(board.resources);
  return resources.filter((resource) => !listed.has(resource));
}

function lateMessage(board: Board, resources: readonly string[], limitMs: number): string {
  const events = board.events.slice(-5).map(({ text }) => `\n  ${text}`);
  return `after ${limitMs / 1000} s ${whatIsLate(board, resources)}; the last events:${events.join('')}`;
}

function whatIsLate(board: Board, resources: readonly string[]): string {
  const late = missing(board, resources);
  if (late.length > 0) return `${late.join(', ')} listed nothing`;
  if (board.resources.length === 0) return 'the plugin has found no devices';
  return `${count(board.rows.filter((row) => !isDescribed(row)).length, 'device')} had no description`;
}
