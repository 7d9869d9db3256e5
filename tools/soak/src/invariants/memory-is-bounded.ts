// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** What the deployments request is 64 MiB, and their limit is 160 MiB: a plugin of a handful of devices stays well below. */
const limitMiB = 120;

export function memoryIsBounded(): Invariant {
  return {
    name: 'memory-is-bounded',
    promise: `the plugin never has more than ${limitMiB} MiB of resident memory`,
    check: onMoment('measured', ({ rssMiB }) =>
      rssMiB <= limitMiB ? 'kept' : { expected: `at most ${limitMiB} MiB`, seen: `${rssMiB.toFixed(1)} MiB` },
    ),
  };
}
