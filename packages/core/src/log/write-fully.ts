// SPDX-License-Identifier: Apache-2.0
import { writeSync } from 'node:fs';
import { isErrno } from '../errors.ts';

/**
 * Writes all of a text before it returns, so that a line survives whatever the process does next.
 *
 * @param patienceMs how long to wait for the reader of a full pipe.
 * @throws the system's error, EAGAIN once patience is at its end.
 */
export function writeFully(fd: number, text: string, patienceMs = 1_000): void {
  const bytes = Buffer.from(text);
  let waitedMs = 0;
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (!isErrno(error, 'EAGAIN') || waitedMs >= patienceMs) throw error;
      pause();
      waitedMs += pauseMs;
    }
  }
}

const pauseMs = 10;

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}
