// SPDX-License-Identifier: Apache-2.0
import type { GrowthRule } from './no-growth.ts';

/** What leaks show as. The allowances are for the life of one process, which meets dozens of faults. */
export const leakRules: readonly GrowthRule[] = [
  {
    name: 'no-file-leak',
    promise: 'open files do not become more',
    unit: 'open files',
    value: ({ openFiles }) => openFiles,
    // Connections that are about to close.
    allowance: 8,
  },
  {
    name: 'no-handle-leak',
    promise: 'timers, sockets and watches do not become more',
    unit: 'handles',
    value: ({ handles }) => handles,
    allowance: 8,
  },
  {
    name: 'no-heap-leak',
    promise: 'the heap does not grow',
    unit: 'MiB of heap',
    value: ({ heapMiB }) => heapMiB,
    // Compiled code and the shapes of objects go on growing for a minute or two.
    allowance: 2,
  },
  {
    name: 'no-memory-leak',
    promise: 'resident memory does not grow',
    unit: 'MiB of resident memory',
    value: ({ rssMiB }) => rssMiB,
    // Fragments that malloc keeps, and pages of the program that are used for the first time.
    allowance: 16,
  },
];
