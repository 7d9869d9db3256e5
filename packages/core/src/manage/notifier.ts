// SPDX-License-Identifier: Apache-2.0
import type { Notifier } from '../device-plugin.ts';
import type { DeviceTree } from '../device-tree.ts';
import { diffDeviceTrees, isEmptyDiff, type DeviceResources, type DeviceTreeDiff } from './diff.ts';

/** Remembers the last tree and hands on only what differs; of the first tree also that it was empty. */
export class DiffingNotifier implements Notifier {
  readonly #onDiff: (diff: DeviceTreeDiff) => void;
  #last: DeviceResources | undefined;

  constructor(onDiff: (diff: DeviceTreeDiff) => void) {
    this.#onDiff = onDiff;
  }

  notify(tree: DeviceTree): void {
    const last = this.#last;
    // The plugin may go on adding to its tree.
    const next = { resources: tree.snapshot() };
    const diff = diffDeviceTrees(last, next);
    this.#last = next;
    if (last === undefined || !isEmptyDiff(diff)) this.#onDiff(diff);
  }
}
