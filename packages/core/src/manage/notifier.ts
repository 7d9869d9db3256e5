// SPDX-License-Identifier: Apache-2.0
import type { Notifier } from '../device-plugin.ts';
import type { DeviceTree } from '../device-tree.ts';
import { diffDeviceTrees, isEmptyDiff, type DeviceTreeDiff } from './diff.ts';

/** Remembers the last tree and hands on only what differs. */
export class DiffingNotifier implements Notifier {
  readonly #onDiff: (diff: DeviceTreeDiff) => void;
  #last: DeviceTree | undefined;

  constructor(onDiff: (diff: DeviceTreeDiff) => void) {
    this.#onDiff = onDiff;
  }

  notify(tree: DeviceTree): void {
    const diff = diffDeviceTrees(this.#last, tree);
    this.#last = tree;
    if (!isEmptyDiff(diff)) this.#onDiff(diff);
  }
}
