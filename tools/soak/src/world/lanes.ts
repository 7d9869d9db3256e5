// SPDX-License-Identifier: Apache-2.0

/** What can do one thing at a time. */
export type Lane = 'kubelet' | 'plugin' | 'host' | 'pods' | 'cdi';

/** Work of one lane comes one after the other, that of several at the same time. */
export class Lanes {
  readonly #last = new Map<Lane, Promise<unknown>>();

  run<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(lane) ?? Promise.resolve()).then(work);
    this.#last.set(
      lane,
      result.catch(() => undefined),
    );
    return result;
  }
}
