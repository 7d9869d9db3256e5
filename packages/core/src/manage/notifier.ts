// SPDX-License-Identifier: Apache-2.0
import { diffDeviceTrees, isEmptyDiff, type DeviceResources, type DeviceTreeDiff } from './diff.ts';

/** Remembers the last resources and hands on only what differs; of the first ones also that there were none. */
export class DiffingNotifier {
  readonly #onDiff: (diff: DeviceTreeDiff) => void;
  #last: DeviceResources | undefined;

  constructor(onDiff: (diff: DeviceTreeDiff) => void) {
    this.#onDiff = onDiff;
  }

  /** @param next - that do not change any more, such as a snapshot of a tree. */
  notify(next: DeviceResources): void {
    const last = this.#last;
    const diff = diffDeviceTrees(last, next);
    this.#last = next;
    if (last === undefined || !isEmptyDiff(diff)) this.#onDiff(diff);
  }
}
