// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

export function noUnaskedExit(): Invariant {
  return {
    name: 'no-unasked-exit',
    promise: 'the plugin ends when it is told to, and not otherwise',
    check: onMoment('exited', ({ wasAsked, how }) =>
      wasAsked ? 'kept' : { expected: 'the plugin runs on', seen: `it ended: ${how}` },
    ),
  };
}
