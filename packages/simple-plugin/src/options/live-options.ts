// SPDX-License-Identifier: Apache-2.0
import { countConfigReload, log, messageOf } from '@kube-device-plugins/core';
import type { SimpleOptions } from '../options.ts';

/** A configuration that may change while the plugin runs. */
export interface ChangingConfig {
  /** Where a change shows. */
  readonly directory: string;
  /** The options, or undefined while the configuration is what it was at the last call; rejects when it is wrong. */
  readonly readChange: () => Promise<SimpleOptions | undefined>;
}

/** The options that hold at the moment: the first ones, or the last ones after them that were sound. */
export class LiveOptions {
  readonly #config: ChangingConfig | undefined;
  #current: SimpleOptions;

  constructor(first: SimpleOptions, config?: ChangingConfig) {
    this.#current = first;
    this.#config = config;
  }

  get current(): SimpleOptions {
    return this.#current;
  }

  /** The directory to watch for changes, if there are any. */
  get watched(): readonly string[] {
    return this.#config === undefined ? [] : [this.#config.directory];
  }

  /** Takes over a configuration that has changed. One that is wrong changes nothing, and its reason is told once. Never rejects. */
  async refresh(): Promise<void> {
    try {
      const next = await this.#config?.readChange();
      if (next === undefined) return;
      this.#current = next;
      countConfigReload('ok');
      log.info('configuration has changed and is applied', {
        resources: next.hostResources.length + next.simulatedResources.length,
      });
    } catch (error) {
      countConfigReload('error');
      log.error('configuration has changed and is wrong, the last good one stays', { reason: messageOf(error) });
    }
  }
}
