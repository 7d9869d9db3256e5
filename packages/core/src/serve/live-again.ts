// SPDX-License-Identifier: Apache-2.0
import { childController, pause } from './abortable.ts';
import { backoffMs } from './backoff.ts';
import type { ProblemReport } from './problem-report.ts';

/** What {@link liveAgain} repeats. */
export interface Lives {
  /** Serves until `signal` aborts or there is nothing left to serve on; calls `onServing` once it does. */
  readonly live: (signal: AbortSignal, onServing: () => void) => Promise<void>;
  /** Hands `startAnew` to whoever knows of a reason to end this life, or the pause after a failed one. Returns how to stop that. */
  readonly onReason: (startAnew: () => void) => () => void;
  readonly problems: ProblemReport;
}

/** Serves again whenever a life has ended, until `signal` aborts; after one that failed with a pause, which grows. Never rejects. */
export async function liveAgain({ live, onReason, problems }: Lives, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const { controller, release } = childController(signal);
    const stopListening = onReason(() => {
      controller.abort();
    });
    try {
      await live(controller.signal, () => {
        problems.solved(unserved);
      });
      failures = 0;
    } catch (error) {
      failures += 1;
      problems.report(unserved, error);
      await pause(backoffMs(failures, retryBackoff, Math.random()), controller.signal);
    } finally {
      stopListening();
      release();
    }
  }
}

const unserved = 'cannot serve the resource, trying again';

/** A socket that a starting kubelet swept away at the very moment it was made is there again before the kubelet knows. */
const retryBackoff = { firstMs: 10, maxMs: 5_000 };
