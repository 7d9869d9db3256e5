// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';

/** Tells of each trouble once when it begins, however often it is met, and once when it is over. */
export class TroubleLog {
  readonly #troubles = new Set<string>();

  /** `what` is a constant text; it and `about` together are the trouble. */
  begins(what: string, about: Readonly<Record<string, string>>, details: Readonly<Record<string, unknown>> = {}): void {
    const key = keyOf(what, about);
    if (this.#troubles.has(key)) return;
    this.#troubles.add(key);
    log.warn(what, { ...about, ...details });
  }

  /** `what` and `about` are those of {@link begins}; `instead` is what is so now. */
  ends(what: string, about: Readonly<Record<string, string>>, instead: string): void {
    if (this.#troubles.delete(keyOf(what, about))) log.info(instead, about);
  }
}

function keyOf(what: string, about: Readonly<Record<string, string>>): string {
  return [what, ...Object.values(about)].join('\0');
}
