// SPDX-License-Identifier: Apache-2.0
import { writeSync } from 'node:fs';
import { isErrno } from '../errors.ts';

/**
 * Writes all of a text before it returns, so that a line survives whatever the process does next.
 *
 * @throws the system's error. While a pipe is full (EAGAIN) it is tried again for as long as a second.
 */
export function writeFully(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let tries = 0;
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      tries += 1;
      if (!isErrno(error, 'EAGAIN') || tries > maxTries) throw error;
      pause();
    }
  }
}

const pauseMs = 10;
const maxTries = 100;

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}
