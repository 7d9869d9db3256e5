// SPDX-License-Identifier: Apache-2.0
import { diffDeviceTrees, isEmptyDiff, type DeviceResources, type DeviceTreeDiff } from './diff.ts';

/** Remembers the last tree and hands on only what differs; of the first tree also that it was empty. */
export class DiffingNotifier {
  readonly #onDiff: (diff: DeviceTreeDiff) => void;
  #last: DeviceResources | undefined;

  constructor(onDiff: (diff: DeviceTreeDiff) => void) {
    this.#onDiff = onDiff;
  }

  notify(tree: DeviceResources): void {
    const last = this.#last;
    // A copy, for the plugin may go on adding to its tree.
    const next = { resources: new Map([...tree.resources].map(([name, devices]) => [name, new Map(devices)])) };
    const diff = diffDeviceTrees(last, next);
    this.#last = next;
    if (last === undefined || !isEmptyDiff(diff)) this.#onDiff(diff);
  }
}
