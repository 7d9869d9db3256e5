// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** @param limitMs - the longest fault takes 2 s, and what waits for it as long again. */
export function nothingHangs(limitMs: number): Invariant {
  return {
    name: 'nothing-hangs',
    promise: `no call to the plugin is without an answer for ${limitMs / 1_000} s`,
    check: onMoment('acted', ({ action, tookMs }) =>
      tookMs < limitMs ? 'kept' : { expected: `${action} is done within ${limitMs / 1_000} s`, seen: 'it is not' },
    ),
  };
}
