// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

export function noSocketLeft(): Invariant {
  return {
    name: 'no-socket-left',
    promise: 'the plugin has one socket for each resource; one that was killed leaves no more than those it had',
    check: onMoment('measured', ({ sockets, socketsAllowed }) =>
      sockets.length <= socketsAllowed
        ? 'kept'
        : { expected: `at most ${socketsAllowed} sockets`, seen: `${sockets.length}: ${sockets.join(', ')}` },
    ),
  };
}
