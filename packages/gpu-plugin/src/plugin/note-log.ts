// SPDX-License-Identifier: Apache-2.0
import { log, type Remark, RemarkLog } from '@kube-device-plugins/core';
import type { CardNote } from '../sysfs/read-card.ts';

/** Tells what is the matter with cards, and when no card is left. */
export class NoteLog {
  readonly #remarks = new RemarkLog();
  #published: number | undefined;

  /** @param published - how many cards have a resource. */
  tell(notes: readonly CardNote[], published: number): void {
    this.#remarks.tell(notes.map(toRemark));
    if (published === 0 && this.#published !== 0) log.info('no Intel GPU is published', { leftOut: leftOut(notes) });
    this.#published = published;
  }
}

const levels = { foreign: { level: 'detail' }, intended: { level: 'info' }, trouble: {} } as const;

function toRemark({ about: subject, reason, kind, isLeftOut }: CardNote): Remark {
  const message = isLeftOut === true ? 'card is left out' : 'something is not as it should be';
  return { message, subject, reason, ...levels[kind] };
}

function leftOut(notes: readonly CardNote[]): number {
  return new Set(notes.filter(({ isLeftOut }) => isLeftOut).map(({ about }) => about)).size;
}
