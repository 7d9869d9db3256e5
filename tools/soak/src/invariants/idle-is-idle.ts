// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** A scan a second is some 10 ms; a busy loop takes a whole processor, and what is left of it on a busy machine. */
const limit = 0.08;

export function idleIsIdle(): Invariant {
  return {
    name: 'idle-is-idle',
    promise: 'while nothing happens the plugin takes at most 8 % of a processor',
    check: onMoment('idled', ({ cpuShare }) =>
      cpuShare <= limit
        ? 'kept'
        : { expected: `at most ${100 * limit} % of a processor`, seen: `${Math.round(100 * cpuShare)} %` },
    ),
  };
}
