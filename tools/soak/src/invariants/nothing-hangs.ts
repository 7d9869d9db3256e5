// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** The longest fault takes 2 s, and what waits for it as long again; kubelets give a call that is not answered up no sooner than this. */
export const hangLimitMs = 30_000;

export function nothingHangs(): Invariant {
  return {
    name: 'nothing-hangs',
    promise: 'no call to the plugin is without an answer for 30 s',
    check: onMoment('acted', ({ action, tookMs }) =>
      tookMs < hangLimitMs
        ? 'kept'
        : { expected: `${action} is done within ${hangLimitMs / 1000} s`, seen: 'it is not' },
    ),
  };
}
