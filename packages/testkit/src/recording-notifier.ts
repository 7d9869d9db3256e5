// SPDX-License-Identifier: Apache-2.0
import type { DeviceTree, Notifier } from '@kube-device-plugins/core';
import { Subscribers } from './subscribers.ts';

/** Takes what a scanner finds and keeps all of it. */
export class RecordingNotifier implements Notifier {
  readonly #trees: DeviceTree[] = [];
  readonly #arrivals = new Subscribers<DeviceTree>();

  /** Everything so far, oldest first. */
  get trees(): readonly DeviceTree[] {
    return this.#trees;
  }

  get last(): DeviceTree | undefined {
    return this.#trees.at(-1);
  }

  notify(tree: DeviceTree): void {
    this.#trees.push(tree);
    this.#arrivals.emit(tree);
  }

  /** The first tree that comes after this call. @throws WaitTimeoutError after `timeoutMs` (default 10 000). */
  next({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<DeviceTree> {
    const place = this.#trees.length;
    return this.#arrivals.waitUntil(
      () => this.#trees[place],
      timeoutMs,
      () => `expected one more tree after ${place}`,
    );
  }

  /**
   * The last tree when the predicate holds for it, else the first one after it for which it does.
   *
   * @throws WaitTimeoutError after `timeoutMs` (default 10 000); its message shows the last tree.
   */
  waitFor(
    predicate: (tree: DeviceTree) => boolean,
    { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<DeviceTree> {
    return this.#arrivals.waitUntil(
      () => (this.last !== undefined && predicate(this.last) ? this.last : undefined),
      timeoutMs,
      () => `expected a tree with ${predicate.toString()}, found ${describeTree(this.last)}`,
    );
  }
}

/** Resource → id → health. */
function describeTree(tree: DeviceTree | undefined): string {
  if (tree === undefined) return 'no tree at all';
  const resources = [...tree.resources].map(([resource, devices]) => {
    return [resource, Object.fromEntries([...devices].map(([id, { health }]) => [id, health]))] as const;
  });
  return JSON.stringify(Object.fromEntries(resources));
}
