// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import { log } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import { currentScope } from '../plugin-scope.ts';
import { checkWatches, watchDirectory } from '../watch/directory-watcher.ts';
import { AlarmClock } from './alarm-clock.ts';
import { Rest } from './rest.ts';

/** When {@link rescan} runs its task. */
export interface RescanOptions {
  /** Milliseconds from the end of one run to the next one, which comes whatever happens: sysfs raises no events. */
  readonly everyMs: number;
  /**
   * Directories in which an entry that comes or goes leads to a run, as {@link Host.path} gives them.
   * A function is asked after each run, for what to watch depends on what the run found.
   */
  readonly watch: readonly string[] | (() => readonly string[]);
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
  await repeat(options, signal, reportingRun(task, signal));
}

/** The same for what is no scan: nobody is told how it goes, so `run` must not reject. */
export async function repeat(options: RescanOptions, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  if (signal.aborted) return;
  const alarm = new AlarmClock();
  const ring = (): void => {
    alarm.ring();
  };
  rescanRequests.set(ring, currentScope()?.name);
  signal.addEventListener('abort', ring);
  await runUntilAborted(options, alarm, run, signal);
  signal.removeEventListener('abort', ring);
  rescanRequests.delete(ring);
  alarm.stop();
}

/** What has each of them run its task, and the plugin that it is of. */
const rescanRequests = new Map<() => void, string | undefined>();

/** Has every {@link rescan} of the plugin that calls this, or of the process, run its task now, or once more if it is running. */
export function requestRescan(): void {
  const plugin = currentScope()?.name;
  for (const [ring, itsPlugin] of rescanRequests) if (plugin === undefined || plugin === itsPlugin) ring();
}

async function runUntilAborted(
  { everyMs, watch, debounceMs = 10 }: RescanOptions,
  alarm: AlarmClock,
  run: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const watches = new Map<string, () => void>();
  const rest = new Rest();
  const ringSoon = (): void => {
    alarm.ringIn(Math.max(debounceMs, rest.leftMs));
  };
  const sleep = async (): Promise<void> => {
    watchOnly(typeof watch === 'function' ? watch() : watch, watches, ringSoon);
    await alarm.next(everyMs);
  };
  await rest.after(run);
  await sleep();
  while (!signal.aborted) {
    void checkWatches();
    await rest.after(run);
    await sleep();
  }
  watchOnly([], watches, ringSoon);
}

/** Begins the watches that are missing and ends those that are too many; a watch that begins rings too, since something may have happened before. */
function watchOnly(directories: readonly string[], watches: Map<string, () => void>, ring: () => void): void {
  const wanted = new Set(directories);
  for (const [directory, stop] of watches) {
    if (wanted.has(directory)) continue;
    stop();
    watches.delete(directory);
  }
  for (const directory of wanted) {
    if (watches.has(directory)) continue;
    const stop = watchDirectory(directory, ({ kind }) => {
      // A write changes no list of devices, and on /dev every write to /dev/null is one.
      if (kind !== 'change') ring();
    });
    watches.set(directory, stop);
  }
}

/** The task with its duration measured and its outcome told, in the log only when it is another than that of the last run. */
function reportingRun(task: () => Promise<void>, signal: AbortSignal): () => Promise<void> {
  const telemetry = currentTelemetry();
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
