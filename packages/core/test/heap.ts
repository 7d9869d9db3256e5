// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of the heap that are in use once the garbage is collected, also that which only lives until the next turn of the event loop. */
export async function usedHeap(): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 4; i++) {
    await sleep(5);
    collectGarbage();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

/**
 * Median of the differences between values that lie next to each other: what a leak adds to each, and what a single cache
 * that fills up or a function that is compiled in between does not.
 */
export function slope(values: readonly number[]): number {
  const steps = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  return steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
