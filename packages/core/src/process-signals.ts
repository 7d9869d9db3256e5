// SPDX-License-Identifier: Apache-2.0
import { flushLog, log } from './log/log.ts';

/** Calls `listener` on each of these signals of the process. Returns how to stop that. */
export function onProcessSignal(
  names: readonly NodeJS.Signals[],
  listener: (name: NodeJS.Signals) => void,
): () => void {
  for (const name of names) process.on(name, listener);
  return () => {
    for (const name of names) process.off(name, listener);
  };
}

/** The first of these signals aborts `stop`; a second one ends the process with 1, there and then. */
export function stopOnSignals(names: readonly NodeJS.Signals[], stop: AbortController): void {
  onProcessSignal(names, (name) => {
    if (stop.signal.aborted) {
      log.warn('second signal, ending at once', { signal: name });
      flushLog();
      process.exit(1);
    }
    log.info('stopping', { signal: name });
    stop.abort();
  });
}
