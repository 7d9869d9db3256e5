// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { Board } from './board.ts';
import { count } from './board.ts';
import type { Session } from './session.ts';
import { StartError } from './start-error.ts';

/**
 * Resolves when every resource has listed its devices and the plugin has described those that are healthy.
 *
 * @throws StartError after `limitMs`; rejects with the signal's reason when it aborts.
 */
export async function untilListed({ board, resources }: Session, limitMs: number, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, limit]);
  const changes = new EventTarget();
  const unsubscribe = board.subscribe(() => changes.dispatchEvent(new Event('change')));
  try {
    while (!isComplete(board, resources)) await once(changes, 'change', { signal: either });
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw new StartError(lateMessage(board, resources, limitMs), { cause: error });
    throw error;
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
  const what = late.length > 0 ? `nothing was listed of ${late.join(', ')}` : `${count(board.rows.filter((row) => !isDescribed(row)).length, 'device')} were not described`;
  const events = board.events.slice(-5).map(({ text }) => `\n  ${text}`);
  return `after ${limitMs / 1000} s ${what}; the last events:${events.join('')}`;
}
