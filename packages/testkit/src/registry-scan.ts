// SPDX-License-Identifier: Apache-2.0
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A socket that the plugin watcher sees. */
export interface FoundSocket {
  readonly path: string;
  /** Differs when the socket was made anew, also where the file system hands out the same inode number again. */
  readonly identity: string;
}

/** Every socket below the directory; names with a dot at the beginning are left out. What vanishes meanwhile is absent. */
export async function findSockets(dir: string): Promise<readonly FoundSocket[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const found = entries
    .filter(({ name }) => !name.startsWith('.'))
    .map(async (entry): Promise<readonly FoundSocket[]> => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return await findSockets(path);
      return entry.isSocket() ? await identified(path) : [];
    });
  return (await Promise.all(found)).flat();
}

async function identified(path: string): Promise<readonly FoundSocket[]> {
  const stats = await lstat(path, { bigint: true }).catch(() => undefined);
  // Unlike its ctime, the mtime of a socket changes neither with its mode nor with its links.
  return stats === undefined ? [] : [{ path, identity: `${stats.dev}:${stats.ino}:${stats.mtimeNs}` }];
}
