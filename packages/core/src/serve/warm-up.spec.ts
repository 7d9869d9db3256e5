// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { TempDir } from '../../test/temp-dir.ts';
import type { Devices } from '../device-tree.ts';
import { createGrpcServer } from './grpc-server.ts';
import { ListeningSocket } from './listening-socket.ts';
import { devicePluginService } from './service.ts';
import { warmUp, WarmUp } from './warm-up.ts';

const devices: Devices = new Map([
  ['sick', { health: 'Unhealthy', nodes: [] }],
  ['well', { health: 'Healthy', nodes: [] }],
]);

const never = new AbortController().signal;

describe('warmUp()', () => {
  it('asks for an allocation for no container', async () => {
    using log = new CapturedLog();
    await using dir = await TempDir.create();
    const requests: unknown[] = [];
    const server = createGrpcServer(devicePluginService, {
      allocate: ({ request }: { request: unknown }, callback: (error: null, response: object) => void) => {
        requests.push(request);
        callback(null, Buffer.alloc(0));
      },
    });
    const socket = await ListeningSocket.open(dir.join('a.sock'), (connection) => {
      server.accept(connection);
    });
    await warmUp(socket.path, 'a.example.com/b', devices, never);
    expect(new Set(requests.map((request) => JSON.stringify(request)))).toEqual(new Set(['{"containerRequests":[]}']));
    expect(log.lines).toEqual([]);
    socket.close();
    await server.close(0);
  });

  it('says so when it cannot, unless it is over', async () => {
    using log = new CapturedLog();
    await using dir = await TempDir.create();
    await warmUp(dir.join('a.sock'), 'a.example.com/b', new Map(), AbortSignal.abort());
    expect(log.lines).toEqual([]);
    await warmUp(dir.join('a.sock'), 'a.example.com/b', devices, never);
    expect(log.with('cannot reach the own socket')).toHaveLength(1);
  });
});

describe('WarmUp', () => {
  it('warms up for the first resource alone', async () => {
    using log = new CapturedLog();
    await using dir = await TempDir.create();
    const shared = new WarmUp();
    for (const name of ['a', 'b']) await shared.once(dir.join(name), `a.example.com/${name}`, devices, never);
    expect(log.with('cannot reach the own socket')).toEqual([expect.stringContaining(dir.join('a'))]);
  });
});
