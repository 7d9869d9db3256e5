// SPDX-License-Identifier: Apache-2.0
import type * as NodeV8 from 'node:v8';
import type { Telemetry } from './observe/telemetry.ts';
import { startGate } from './watch/start-gate.ts';

/**
 * Keeps the memory of the process to what it needs, until `signal` aborts.
 *
 * V8 lets the young generation grow to 32 MiB under load and keeps it: 150 MiB of resident memory, for answers that a kubelet asks for
 * a few times a minute. And it keeps what the start left behind, since an idle process allocates too little for a collection.
 * So growth is switched off once the plugin is registered (earlier it would cost the start 10 ms: V8 throws away the compiled code of Node's
 * own modules when a flag changes), and the heap is collected when the start is over and after each burst of allocations.
 */
export function keepMemorySmall(telemetries: readonly Telemetry[], signal: AbortSignal): void {
  void startGate.passed.then(async () => {
    const v8 = await import('node:v8');
    v8.setFlagsFromString('--semi-space-growth-factor=1');
    const timer = setTimeout(() => void collectGarbage(v8), quietMs).unref();
    for (const { allocations } of telemetries) allocations.onEvery(burst, () => timer.refresh());
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  });
}

/** How long after the start, or after the last allocations of a burst, nothing is likely to come. */
const quietMs = 2_000;

/** Allocations that leave some megabytes behind. */
const burst = 1_000;

/** A collection that gives freed pages back to the system; takes some 20 ms. V8 has no other way to ask for one at run time. */
async function collectGarbage({ setFlagsFromString }: typeof NodeV8): Promise<void> {
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
