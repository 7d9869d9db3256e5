// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isErrno } from '@kube-device-plugins/core';

/** The file system of the directory for CDI specs. */
export interface CdiDisk extends AsyncDisposable {
  /** What {@link CdiDisk.fill} does: `a tmpfs of 256 KiB that is full`. */
  readonly how: string;
  /** Nothing can be written any more, and what was there is lost. */
  fill(): Promise<void>;
  /** It can again. */
  empty(): Promise<void>;
}

const run = promisify(execFile);

/** A tiny file system of its own where that can be mounted; otherwise a file takes the place of the directory. */
export async function openCdiDisk(directory: string): Promise<CdiDisk> {
  await mkdir(directory);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'kdp-soak', directory]);
    return fullDisk(directory);
  } catch {
    return notADirectory(directory);
  }
}

function fullDisk(directory: string): CdiDisk {
  const filler = join(directory, 'filler');
  return {
    how: 'a tmpfs of 256 KiB that is full (ENOSPC)',
    fill: async () => {
      for (const name of await readdir(directory)) await rm(join(directory, name));
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(4_096));
      } catch (error) {
        if (!isErrno(error, 'ENOSPC')) throw error;
      }
    },
    empty: () => rm(filler),
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['-l', directory]);
    },
  };
}

function notADirectory(directory: string): CdiDisk {
  return {
    how: 'a file in place of the directory (ENOTDIR), because no tmpfs can be mounted here',
    fill: async () => {
      await rename(directory, `${directory}.away`);
      await writeFile(directory, '');
    },
    empty: async () => {
      await rm(directory);
      await rename(`${directory}.away`, directory);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
