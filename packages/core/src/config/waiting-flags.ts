// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { FlagDefinitions, FlagValues } from '../cli/flag-definition.ts';
import { log } from '../log/log.ts';

/** Tells of flags that a file has changed and that only a start reads: those of the process, and of what is registered with the kubelet. */
export class WaitingFlags {
  readonly #started: FlagValues<FlagDefinitions>;
  readonly #isLive: (name: string) => boolean;
  #told = '';

  /** @param isLive - whether a flag counts at once. */
  constructor(started: FlagValues<FlagDefinitions>, isLive: (name: string) => boolean) {
    this.#started = started;
    this.#isLive = isLive;
  }

  /** @param values - of the flags now. */
  tell(values: FlagValues<FlagDefinitions>): void {
    const flags = Object.keys(values)
      .filter((name) => !this.#isLive(name) && !isDeepStrictEqual(values[name], this.#started[name]))
      .map((name) => `-${name}`);
    const all = flags.join(' ');
    if (flags.length > 0 && all !== this.#told)
      log.warn('flags have changed that count from the next start on, restart the plugin', { flags });
    this.#told = all;
  }
}
