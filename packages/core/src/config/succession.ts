// SPDX-License-Identifier: Apache-2.0
import type { DevicePlugin } from '../device-plugin.ts';
import type { DeviceTree } from '../device-tree.ts';
import { log } from '../log/log.ts';
import { isSettled } from '../serve/abortable.ts';

/** A plugin from being made to the end of its scan. */
export interface Generation {
  readonly plugin: DevicePlugin;
  /** Ends what the plugin was made with, and its scan. */
  readonly controller: AbortController;
}

/** Plugins of which one scans at a time. Only the trees of the latest count. */
export class Succession {
  /** Resolves or rejects as the scan of the latest does. */
  readonly ended: Promise<void>;
  readonly #onTree: (tree: DeviceTree, plugin: DevicePlugin) => void;
  readonly #end: (scan: Promise<void>) => void;
  readonly #isScanFailing: () => boolean;
  #latest: Generation | undefined;
  #hasTree = false;
  #scan: Promise<void> = Promise.resolve();

  /**
   * @param onTree - is given each tree, and whose it is.
   * @param isScanFailing - whether the last scan failed. A plugin that begins with nothing, because it cannot read the host, is none whose
   * devices are gone: those of the plugin before it stay.
   */
  constructor(onTree: (tree: DeviceTree, plugin: DevicePlugin) => void, isScanFailing: () => boolean) {
    this.#onTree = onTree;
    this.#isScanFailing = isScanFailing;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.ended = promise;
    this.#end = (scan) => {
      resolve(scan.then(() => undefined));
    };
  }

  start(generation: Generation): void {
    const { plugin, controller } = generation;
    const isLatest = (): boolean => this.#latest === generation;
    this.#latest = generation;
    let mayBeEmpty = !this.#hasTree;
    const deliver = (tree: DeviceTree): void => {
      if (!isLatest()) return;
      this.#hasTree = true;
      mayBeEmpty = true;
      this.#onTree(tree, plugin);
    };
    const notify = (tree: DeviceTree): void => {
      if (mayBeEmpty || tree.resources.size > 0) deliver(tree);
      // By then the scan has ended that it is of.
      else setImmediate(() => !mayBeEmpty && !this.#isScanFailing() && deliver(tree));
    };
    this.#scan = Promise.try(() => plugin.scan({ notify }, controller.signal));
    const scan = this.#scan;
    const over = (): void => {
      if (isLatest()) this.#end(scan);
    };
    scan.then(over, over);
  }

  /** Ends the scan of the one before first: two of them would be at the same devices. */
  async replace(generation: Generation, signal: AbortSignal): Promise<void> {
    const before = this.#latest;
    this.#latest = generation;
    before?.controller.abort();
    if (!(await isSettled(this.#scan, scanGraceMs)))
      log.warn('the scan with the flags of before does not end, going on without', { graceMs: scanGraceMs });
    if (!signal.aborted) this.start(generation);
  }

  /** Resolves when the scan of the latest has ended. */
  async stop(): Promise<void> {
    this.#latest?.controller.abort();
    await Promise.allSettled([this.#scan]);
  }
}

/** How long a scan may take to stop. */
const scanGraceMs = 5_000;
