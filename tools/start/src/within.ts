// SPDX-License-Identifier: Apache-2.0
import { StartError } from './start-error.ts';

/**
 * What `promise` gives, if it does within `limitMs`.
 *
 * @throws StartError with the text of `late` when it does not; rejects with the signal's reason when that aborts.
 */
export async function within<T>(
  promise: Promise<T>,
  limitMs: number,
  late: () => string,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const { promise: failure, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  const timer = setTimeout(() => reject(new StartError(late())), limitMs);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, failure]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
