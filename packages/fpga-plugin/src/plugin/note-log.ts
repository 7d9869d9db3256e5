// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import type { FpgaNote } from '../sysfs/fpga-snapshot.ts';

/** Tells notes when they are new, and when they no longer hold. */
export class NoteLog {
  #told: ReadonlyMap<string, FpgaNote> = new Map();

  tell(notes: readonly FpgaNote[]): void {
    const now = new Map(notes.map((note) => [Object.values(note).join('\0'), note]));
    for (const [key, { message, subject, reason }] of now) {
      if (!this.#told.has(key)) log.warn(message, { subject, reason });
    }
    for (const [key, { message, subject, reason }] of this.#told) {
      if (!now.has(key)) log.info('no longer', { what: message, subject, reason });
    }
    this.#told = now;
  }
}
