// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** What Node.js writes last when an error ends it, and what it warns of. Source: Node.js, lib/internal/process/execution.js; process, event 'warning'. */
const unhandled = /^Node\.js v\d|UnhandledPromiseRejection|MaxListenersExceededWarning/;

export function noUnhandledError(): Invariant {
  return {
    name: 'no-unhandled-error',
    promise: 'no rejection and no exception goes uncaught, and Node.js has nothing to warn of',
    check: onMoment('logged', ({ line }) =>
      unhandled.test(line)
        ? { expected: 'every error is handled', seen: `Node.js says: ${line.slice(0, 300)}` }
        : 'kept',
    ),
  };
}
