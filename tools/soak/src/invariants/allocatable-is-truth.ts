// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** @param limitMs - how long after the last fault and the last change the kubelet may show something else. */
export function allocatableIsTruth(limitMs: number): Invariant {
  return {
    name: 'allocatable-is-truth',
    promise: `within ${limitMs / 1_000} s of quiet the kubelet shows every device that there is, with its health, and no other`,
    check: onMoment('quiet', ({ differences, afterMs }) =>
      differences.length === 0
        ? 'kept'
        : {
            expected: 'the kubelet shows what there is',
            seen: `${differences.join('; ')}, ${Math.round(afterMs)} ms after the last fault ended`,
          },
    ),
  };
}
