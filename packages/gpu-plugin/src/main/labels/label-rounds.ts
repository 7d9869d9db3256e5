// SPDX-License-Identifier: Apache-2.0
import { log, messageOf, rescan, type RescanOptions } from '@kube-device-plugins/core';
import type { LabelFile } from './label-file.ts';

/**
 * Keeps a label file right until `signal` aborts, and takes it back then: a round finds out the labels and writes them, now, every
 * period, and when something comes or goes in a watched directory. A round that fails leaves the file as it is; that is logged when
 * its cause is another than that of the round before, and so is the end of it.
 */
export async function labelRounds(
  file: LabelFile,
  options: RescanOptions,
  signal: AbortSignal,
  labels: () => Promise<ReadonlyMap<string, string>>,
): Promise<void> {
  let lastCause: string | undefined;
  await rescan(options, signal, async () => {
    let cause: string | undefined;
    try {
      await file.write(await labels());
    } catch (error) {
      if (signal.aborted) return;
      cause = messageOf(error);
      if (cause !== lastCause) log.warn('labels stay as they were, trying again', { error });
    }
    if (cause === undefined && lastCause !== undefined) log.info('labels are right again');
    lastCause = cause;
  });
  await file.remove();
}
