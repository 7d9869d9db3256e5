// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import type { CardNote } from '../sysfs/read-card.ts';

/** Tells what is the matter with cards: each reason when it is new and not with each scan, and when nothing is the matter any more. */
export class NoteLog {
  #told: ReadonlyMap<string, CardNote> = new Map();

  tell(notes: readonly CardNote[]): void {
    const now = new Map(notes.map((note) => [`${note.about}\0${note.reason}`, note]));
    for (const [key, note] of now) if (!this.#told.has(key)) tellOne(note);
    const [before, after] = [this.#told, now].map((all) => namesOf([...all.values()]));
    for (const about of before?.difference(after ?? new Set()) ?? []) log.info('all right again', { about });
    this.#told = now;
  }
}

function tellOne({ about, reason, isExpected, isLeftOut }: CardNote): void {
  const message = isLeftOut === true ? 'card is left out' : 'something is not as it should be';
  if (isExpected) log.v(2).info(message, { about, reason });
  else log.warn(message, { about, reason });
}

/** Whatever was expected need not be taken back. */
function namesOf(notes: readonly CardNote[]): Set<string> {
  return new Set(notes.filter(({ isExpected }) => !isExpected).map(({ about }) => about));
}
