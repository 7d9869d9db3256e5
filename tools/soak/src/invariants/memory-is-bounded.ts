// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

export function memoryIsBounded(limitMiB: number): Invariant {
  return {
    name: 'memory-is-bounded',
    promise: `the plugin never has more than ${limitMiB} MiB of resident memory`,
    check: onMoment('measured', ({ rssMiB }) =>
      rssMiB <= limitMiB ? 'kept' : { expected: `at most ${limitMiB} MiB`, seen: `${rssMiB.toFixed(1)} MiB` },
    ),
  };
}
