// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { staleSocket } from '../../test/stale-socket.ts';
import { TempDir } from '../../test/temp-dir.ts';
import { ListeningSocket } from './listening-socket.ts';
import { sweepStaleSockets } from './stale-sockets.ts';

const resource = 'example.com/card';
const inAMinute = (): number => Date.now() + 60_000;

describe('sweepStaleSockets()', () => {
  it('removes the sockets of the resource that nobody serves, and nothing else', async () => {
    using log = new CapturedLog();
    await using dir = await TempDir.create();
    for (const name of [
      'example.com-card-00000001.sock',
      'example.com-card-00000002.sock',
      'example.com-other-00000001.sock',
      'example.com-card.sock',
      'kubelet.sock',
    ]) {
      await staleSocket(dir.join(name));
    }
    await writeFile(dir.join('example.com-card-00000003.sock'), 'not a socket');
    const live = await ListeningSocket.open(dir.join('example.com-card-00000004.sock'), (connection) =>
      connection.destroy(),
    );
    await sweepStaleSockets(dir.path, resource, inAMinute());
    expect(readdirSync(dir.path).toSorted()).toEqual([
      'example.com-card-00000003.sock',
      'example.com-card-00000004.sock',
      'example.com-card.sock',
      'example.com-other-00000001.sock',
      'kubelet.sock',
    ]);
    expect(log.with('removed a socket that nobody serves')).toHaveLength(2);
    expect(live.isInPlace()).toBe(true);
    live.close();
  });

  it('leaves one alone that is younger than two seconds', async () => {
    await using dir = await TempDir.create();
    await staleSocket(dir.join('example.com-card-00000001.sock'));
    await sweepStaleSockets(dir.path, resource, Date.now());
    expect(readdirSync(dir.path)).toHaveLength(1);
  });

  it('does nothing where there is no directory', async () => {
    await expect(sweepStaleSockets('/proc/nowhere', resource, Date.now())).resolves.toBeUndefined();
  });
});
