// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isErrno } from '@kube-device-plugins/core';

/**
 * Resolves when nobody reads from the pipe behind `descriptor` any more, or `signal` aborts. A program hears of that only when it writes,
 * and between two events there is nothing to write. What is no pipe, or is read by a process that cannot be seen, has a reader for ever.
 *
 * @param descriptor - such as `/proc/self/fd/1`. Source: proc_pid_fd(5), proc_pid_fdinfo(5).
 */
export async function untilReaderGone(descriptor: string, periodMs: number, signal: AbortSignal): Promise<void> {
  const pipe = (await linkOf(descriptor)) ?? '';
  let reader = pipe.startsWith('pipe:') ? await findReader(pipe) : undefined;
  // Of one that has gone before the first look the first write tells.
  if (reader === undefined) await pausing(never, signal);
  while (reader !== undefined && !signal.aborted) {
    await pausing(periodMs, signal);
    if (!(await isOpen(reader, pipe))) reader = await findReader(pipe);
  }
}

/** Longest delay of a timer (Node.js documentation, setTimeout). */
const never = 2 ** 31 - 1;

async function pausing(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { ref: false, signal }).catch(() => undefined);
}

/** The descriptor by which another process reads from the pipe. */
async function findReader(pipe: string): Promise<string | undefined> {
  for (const pid of await namesIn('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const number of await namesIn(`/proc/${pid}/fd`)) {
      const descriptor = `/proc/${pid}/fd/${number}`;
      if ((await linkOf(descriptor)) === pipe && (await isForReading(`/proc/${pid}/fdinfo/${number}`)))
        return descriptor;
    }
  }
  return undefined;
}

/** True also of a process that has become another user's, as sudo does. */
async function isOpen(descriptor: string, pipe: string): Promise<boolean> {
  try {
    return (await readlink(descriptor)) === pipe;
  } catch (error) {
    return isErrno(error, 'EACCES');
  }
}

/** The last octal digit of the flags is the access mode; 1 is for writing only (open(2)). */
async function isForReading(fdinfo: string): Promise<boolean> {
  const text = await readFile(fdinfo, 'utf8').catch(() => '');
  return /^flags:\s+\d*[02]$/m.test(text);
}

async function linkOf(path: string): Promise<string | undefined> {
  return await readlink(path).catch(() => undefined);
}

async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}
