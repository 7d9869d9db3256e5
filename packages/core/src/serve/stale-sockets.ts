// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { log } from '../log/log.ts';
import { statsOf } from './file-identity.ts';
import { isServed } from './listening-socket.ts';
import { isSocketNameOf } from './socket-name.ts';

/**
 * Removes the sockets of this resource that killed processes left: nobody answers on them any more.
 * One that is younger than a few seconds stays, for its process may be about to listen. Never rejects.
 */
export async function sweepStaleSockets(dir: string, resourceName: string, nowMs: number): Promise<void> {
  for (const name of namesIn(dir)) {
    const path = join(dir, name);
    if (!isSocketNameOf(name, resourceName) || !isOldSocket(path, nowMs) || (await isServed(path))) continue;
    await rm(path, { force: true }).then(
      () => {
        log.v(1).info('removed a socket that nobody serves', { socket: path });
      },
      (error: unknown) => {
        log.v(1).info('cannot remove a socket that nobody serves', { socket: path, error });
      },
    );
  }
}

const minimumAgeMs = 2_000;

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function isOldSocket(path: string, nowMs: number): boolean {
  const stats = statsOf(path);
  return stats?.isSocket() === true && nowMs - Number(stats.ctimeMs) > minimumAgeMs;
}
