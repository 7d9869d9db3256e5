// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import { log } from '../log/log.ts';
import { telemetry } from '../observe/telemetry.ts';
import { checkWatches, watchDirectory } from '../watch/directory-watcher.ts';
import { AlarmClock } from './alarm-clock.ts';

/** When {@link rescan} runs its task. */
export interface RescanOptions {
  /** Milliseconds from the end of one run to the next one, which comes whatever happens: sysfs raises no events. */
  readonly everyMs: number;
  /** Directories in which an entry that comes or goes leads to a run, as {@link Host.path} gives them. */
  readonly watch: readonly string[];
  /** Milliseconds from such an event to the run, so that one run takes in all nodes of a new device. */
  readonly debounceMs?: number;
}

/**
 * Runs `task` at once, every `everyMs`, soon after something comes or goes in a watched directory and on {@link requestRescan},
 * one run at a time. Resolves once `signal` aborts and the current run has ended.
 *
 * A run that rejects is logged, once for each cause, and the next one comes when it is due: the devices stay as they were.
 * The first run starts before this function returns, the watches only after it: they are no part of the start-up time.
 */
export async function rescan(options: RescanOptions, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  if (signal.aborted) return;
  const alarm = new AlarmClock();
  const ring = (): void => alarm.ring();
  rescanRequests.add(ring);
  signal.addEventListener('abort', ring);
  const run = reportingRun(task, signal);
  await run();
  const stops = options.watch.map((directory) =>
    watchDirectory(directory, ({ kind }) => {
      // A write changes no list of devices: on /dev every write to /dev/null would be one.
      if (kind !== 'change') alarm.ringIn(options.debounceMs ?? 10);
    }),
  );
  try {
    for (;;) {
      await alarm.next(options.everyMs);
      if (signal.aborted) return;
      void checkWatches();
      await run();
    }
  } finally {
    stops.forEach((stop) => {
      stop();
    });
    rescanRequests.delete(ring);
    signal.removeEventListener('abort', ring);
    alarm.stop();
  }
}

const rescanRequests = new Set<() => void>();

/** Has every {@link rescan} of this process run now, or again when it is running. */
export function requestRescan(): void {
  rescanRequests.forEach((ring) => {
    ring();
  });
}

/** The task with its duration measured and its outcome told, in the log only when it is another than that of the last run. */
function reportingRun(task: () => Promise<void>, signal: AbortSignal): () => Promise<void> {
  let lastCause: string | undefined;
  return async () => {
    const startMs = performance.now();
    try {
      await task();
      telemetry.scanFinished(performance.now() - startMs);
      if (lastCause !== undefined) log.info('scan works again');
      lastCause = undefined;
    } catch (error) {
      if (signal.aborted) return;
      telemetry.scanFailed(performance.now() - startMs, error);
      const cause = messageOf(error);
      if (cause !== lastCause) log.warn('scan failed, the list of devices stays as it was', { error });
      lastCause = cause;
    }
    log.v(4).info('scan ended', { durationMs: performance.now() - startMs });
  };
}
