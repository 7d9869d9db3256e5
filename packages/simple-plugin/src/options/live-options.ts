// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import type { SimpleOptions } from '../options.ts';

/** A configuration that may change while the plugin runs. */
export interface ChangingConfig {
  /** What the file says of resources, which the core has found sound; another value when it says something else. */
  readonly ownConfig: { readonly current: unknown } | undefined;
  readonly read: (own: unknown) => Promise<SimpleOptions>;
}

/** The options that hold at the moment. */
export class LiveOptions {
  readonly #config: ChangingConfig | undefined;
  #current: SimpleOptions;
  #own: unknown;

  /** @param first - what `config` says now. */
  constructor(first: SimpleOptions, config?: ChangingConfig) {
    this.#current = first;
    this.#config = config;
    this.#own = config?.ownConfig?.current;
  }

  get current(): SimpleOptions {
    return this.#current;
  }

  /** Takes over a configuration that has changed. */
  async refresh(): Promise<void> {
    const own = this.#config?.ownConfig?.current;
    if (this.#config === undefined || own === this.#own) return;
    this.#current = await this.#config.read(own);
    this.#own = own;
    const { hostResources, simulatedResources } = this.#current;
    log.v(1).info('resources are those of the new configuration', {
      resources: hostResources.length + simulatedResources.length,
    });
  }
}
