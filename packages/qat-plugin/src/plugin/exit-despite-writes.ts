// SPDX-License-Identifier: Apache-2.0
import { hasPendingWrites } from './host-writer.ts';

/**
 * Has this process end with its exit code though the kernel does not end a write. Node.js would wait for the thread that writes for ever
 * (libuv, uv_library_shutdown()), and as the first process of a container it cannot be killed from within; execve(2) ends all threads.
 */
export function exitDespiteWrites(process: NodeJS.Process): void {
  process.once('exit', (code) => {
    if (hasPendingWrites())
      process.execve?.(process.execPath, [process.execPath, '--eval', `process.exit(${code})`], {});
  });
}
