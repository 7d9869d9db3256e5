// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRefused, rawCall } from './raw-call.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kdp-'));
});
afterEach(async () => await rm(dir, { recursive: true }));

/** Does something with each connection. */
async function serve(take: (socket: Socket) => void): Promise<AsyncDisposable & { readonly path: string }> {
  const path = join(dir, 'p.sock');
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined));
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('isRefused()', () => {
  it.each<[string, boolean, (socket: Socket) => void]>([
    ['closed', true, (socket) => socket.end()],
    // Unread bytes make the kernel reset the connection.
    ['reset', true, (socket) => void setTimeout(() => socket.destroy(), 100)],
    ['left open', false, (socket) => socket.resume()],
  ])('tells of a connection that is %s: %s', async (_what, expected, take) => {
    await using server = await serve(take);
    expect(await isRefused(server.path, Buffer.alloc(1000), 500)).toBe(expected);
  });
});

describe('rawCall()', () => {
  const call = { path: '/a/b', message: new Uint8Array(), timeoutMs: 300 };

  it('has no status from a connection that ends', async () => {
    await using server = await serve((socket) => socket.destroy());
    expect(await rawCall(server.path, call)).toBe('NO_STATUS');
  });

  it('rejects when there is no end', async () => {
    await using server = await serve((socket) => socket.resume());
    await expect(rawCall(server.path, call)).rejects.toThrow('a call of /a/b has not ended after 300 ms');
  });
});
