// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { commonFlags } from '../cli/common-flags.ts';
import type { FlagDefinitions, FlagValues } from '../cli/flag-definition.ts';
import { klogFlags } from '../cli/klog-flags.ts';
import { log } from '../log/log.ts';

/** Tells of flags that a file has changed and that only a start reads: those of the process, and of what is registered with the kubelet. */
export class WaitingFlags {
  readonly #started: FlagValues<FlagDefinitions>;
  readonly #live: readonly string[];
  #told = '';

  /** @param live - common flags that count at once here. */
  constructor(started: FlagValues<FlagDefinitions>, live: readonly string[] = ['scan-period', 'v', 'vmodule']) {
    this.#started = started;
    this.#live = live;
  }

  /** @param values - of the flags now. */
  tell(values: FlagValues<FlagDefinitions>): void {
    const flags = Object.keys(values)
      .filter((name) => this.#isFixed(name) && !isDeepStrictEqual(values[name], this.#started[name]))
      .map((name) => `-${name}`);
    const all = flags.join(' ');
    if (flags.length > 0 && all !== this.#told)
      log.warn('flags have changed that count from the next start on, restart the plugin', { flags });
    this.#told = all;
  }

  #isFixed(name: string): boolean {
    return !this.#live.includes(name) && Object.hasOwn({ ...commonFlags, ...klogFlags }, name);
  }
}
