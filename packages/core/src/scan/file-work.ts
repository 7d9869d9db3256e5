// SPDX-License-Identifier: Apache-2.0

/**
 * Does file work that the kernel may never end, such as a read that a device has to answer: `work` uses the thread pool of Node.js
 * (node:fs/promises). {@link exitDespiteFileWork} has the process end all the same.
 */
export async function fileWork<T>(work: () => Promise<T>): Promise<T> {
  pending += 1;
  try {
    return await work();
  } finally {
    pending -= 1;
  }
}

let pending = 0;

/** Whether some has not ended: the process does not end by itself then. */
export function isFileWorkPending(): boolean {
  return pending > 0;
}

/**
 * Has this process end with its exit code though the kernel does not end file work. Node.js would wait for the thread for ever
 * (libuv, uv_library_shutdown()), and as the first process of a container it cannot be killed from within; execve(2) ends all threads.
 */
export function exitDespiteFileWork(process: NodeJS.Process): void {
  process.once('exit', (code) => {
    if (pending > 0) process.execve?.(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], {});
  });
}
