// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import type { CardNote } from '../sysfs/read-card.ts';

/** Tells what is the matter with cards: each reason when it is new and not with each scan, and when nothing is the matter any more, or no card is left. */
export class NoteLog {
  #told: ReadonlyMap<string, CardNote> = new Map();
  #published: number | undefined;

  /** @param published - how many cards have a resource. */
  tell(notes: readonly CardNote[], published: number): void {
    const now = new Map(notes.map((note) => [`${note.about}\0${note.reason}`, note]));
    for (const [key, note] of now) if (!this.#told.has(key)) tellOne(note);
    const [before, after] = [this.#told, now].map((all) => namesOf([...all.values()]));
    for (const about of before?.difference(after ?? new Set()) ?? []) log.info('all right again', { about });
    if (published === 0 && this.#published !== 0) log.info('no Intel GPU is published', { leftOut: leftOut(notes) });
    this.#told = now;
    this.#published = published;
  }
}

function tellOne({ about, reason, kind, isLeftOut }: CardNote): void {
  const message = isLeftOut === true ? 'card is left out' : 'something is not as it should be';
  if (kind === 'foreign') log.v(2).info(message, { about, reason });
  else if (kind === 'intended') log.info(message, { about, reason });
  else log.warn(message, { about, reason });
}

function leftOut(notes: readonly CardNote[]): number {
  return new Set(notes.filter(({ isLeftOut }) => isLeftOut).map(({ about }) => about)).size;
}

/** Only what is no good is ever all right again. */
function namesOf(notes: readonly CardNote[]): Set<string> {
  return new Set(notes.filter(({ kind }) => kind === 'trouble').map(({ about }) => about));
}
