// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** Five seconds for calls in flight, which is core's own limit, and one to spare; a kubelet waits 30 before it kills. */
const limitMs = 6_000;

export function endsInOrder(): Invariant {
  return {
    name: 'ends-in-order',
    promise: 'told to end, the plugin exits with 0 within 6 s and takes its sockets with it',
    check: onMoment('exited', ({ wasAsked, how, tookMs, leftSockets }) => {
      if (!wasAsked || how === 'SIGKILL') return undefined;
      if (how === 'exit code 0' && tookMs <= limitMs && leftSockets.length === 0) return 'kept';
      const left = leftSockets.length === 0 ? '' : `, and left ${leftSockets.join(', ')}`;
      return { expected: 'exit code 0, no socket left', seen: `${how} after ${Math.round(tookMs)} ms${left}` };
    }),
  };
}
