// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { staleSocket } from '../../test/stale-socket.ts';
import { TempDir } from '../../test/temp-dir.ts';
import { messageOf } from '../errors.ts';
import { isServed, ListeningSocket } from './listening-socket.ts';

const ignore = (connection: Socket): void => {
  connection.destroy();
};

describe('ListeningSocket', () => {
  it('listens, hands over connections and leaves nothing behind', async () => {
    await using dir = await TempDir.create();
    const connections: Socket[] = [];
    const socket = await ListeningSocket.open(dir.join('a.sock'), (connection) => connections.push(connection));
    expect(readdirSync(dir.path)).toEqual(['a.sock']);
    expect([socket.path, socket.endpoint, socket.isInPlace()]).toEqual([dir.join('a.sock'), 'a.sock', true]);
    const client = connect(dir.join('a.sock'));
    await expect.poll(() => connections.length).toBe(1);
    socket.close();
    expect(readdirSync(dir.path)).toEqual([]);
    await expect(isServed(dir.join('a.sock'))).resolves.toBe(false);
    // Connections outlive the socket.
    connections[0]?.write('x');
    expect(String((await once(client, 'data'))[0])).toBe('x');
    client.destroy();
    connections[0]?.destroy();
  });

  it('is for the owner and the group only', async () => {
    await using dir = await TempDir.create();
    const socket = await ListeningSocket.open(dir.join('a.sock'), ignore);
    expect(lstatSync(dir.join('a.sock')).mode & 0o777).toBe(0o660);
    socket.close();
  });

  it('takes the place of a socket that nobody serves', async () => {
    await using dir = await TempDir.create();
    await staleSocket(dir.join('a.sock'));
    const socket = await ListeningSocket.open(dir.join('a.sock'), ignore);
    await expect(isServed(dir.join('a.sock'))).resolves.toBe(true);
    socket.close();
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('leaves a socket alone that a live process serves', async () => {
    await using dir = await TempDir.create();
    const first = await ListeningSocket.open(dir.join('a.sock'), ignore);
    await expect(ListeningSocket.open(dir.join('a.sock'), ignore)).rejects.toMatchObject({
      code: 'SOCKET_IN_USE',
      message: expect.stringContaining('-socket-name-style=unique') as string,
    });
    expect([first.isInPlace(), readdirSync(dir.path)]).toEqual([true, ['a.sock']]);
    await expect(isServed(dir.join('a.sock'))).resolves.toBe(true);
    first.close();
  });

  it('leaves a file, a directory and a link alone', async () => {
    await using dir = await TempDir.create();
    await writeFile(dir.join('file'), 'precious');
    await mkdir(dir.join('directory'));
    await symlink('file', dir.join('link'));
    for (const name of ['file', 'directory', 'link']) {
      await expect(ListeningSocket.open(dir.join(name), ignore)).rejects.toMatchObject({ code: 'SOCKET_IN_USE' });
    }
    expect(readdirSync(dir.path).toSorted()).toEqual(['directory', 'file', 'link']);
    expect(lstatSync(dir.join('file')).size).toBe(8);
  });

  it('rejects where there is no directory, and holds nothing open then', async () => {
    await using dir = await TempDir.create();
    const before = pipes();
    await expect(ListeningSocket.open(dir.join('no', 'a.sock'), ignore)).rejects.toMatchObject({
      code: 'PLUGIN_DIR_UNUSABLE',
      message: expect.stringMatching(/no socket can be made in .*\/no: .*-device-plugin-path/) as string,
      cause: { code: 'ENOENT' },
    });
    await expect.poll(pipes).toEqual(before);
  });

  it('says the same each time when nothing can be made in the directory', async () => {
    const failure = (): Promise<string> => ListeningSocket.open('/proc/self/a.sock', ignore).then(String, messageOf);
    const first = await failure();
    expect(first).toMatch(/no socket can be made in \/proc\/self: .*: listen E/);
    expect(await failure()).toBe(first);
  });

  it('belongs to one of many who want the same path at the same time, and the others do not take it away', async () => {
    await using dir = await TempDir.create();
    const path = dir.join('a.sock');
    const paths = ['.', './.', '././.', './././.'].map((here) => `${dir.path}/${here}/a.sock`);
    const opened = await Promise.allSettled(paths.map((each) => ListeningSocket.open(each, ignore)));
    const sockets = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    for (const result of opened)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'SOCKET_IN_USE' });
    const inPlace = sockets.filter((socket) => socket.isInPlace());
    expect(inPlace).toHaveLength(1);
    for (const socket of sockets) if (!inPlace.includes(socket)) socket.close();
    await expect(isServed(path)).resolves.toBe(true);
    inPlace[0]?.close();
    expect(readdirSync(dir.path)).toEqual([]);
  });

  it('needs no more room than the path itself: 107 bytes', async () => {
    await using dir = await TempDir.create();
    const parent = dir.join('d'.repeat(107 - 'a.sock'.length - 2 - dir.path.length));
    await mkdir(parent);
    const socket = await ListeningSocket.open(`${parent}/a.sock`, ignore);
    expect([Buffer.byteLength(socket.path), readdirSync(parent)]).toEqual([107, ['a.sock']]);
    socket.close();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is not in place when it was removed or replaced', async () => {
    await using dir = await TempDir.create();
    const socket = await ListeningSocket.open(dir.join('a.sock'), ignore);
    await rm(dir.join('a.sock'));
    expect(socket.isInPlace()).toBe(false);
    const next = await ListeningSocket.open(dir.join('a.sock'), ignore);
    expect([socket.isInPlace(), next.isInPlace()]).toEqual([false, true]);
    socket.close();
    next.close();
  });

  it('never removes the socket of a successor when it closes', async () => {
    await using dir = await TempDir.create();
    const old = await ListeningSocket.open(dir.join('a.sock'), ignore);
    await rm(dir.join('a.sock'));
    const next = await ListeningSocket.open(dir.join('a.sock'), ignore);
    old.close();
    expect(next.isInPlace()).toBe(true);
    await expect(isServed(dir.join('a.sock'))).resolves.toBe(true);
    next.close();
  });

  it('never removes a foreign socket that was renamed over it', async () => {
    await using dir = await TempDir.create();
    const old = await ListeningSocket.open(dir.join('a.sock'), ignore);
    const foreign = await listen(dir.join('b.sock'));
    await rename(dir.join('b.sock'), dir.join('a.sock'));
    old.close();
    await expect(isServed(dir.join('a.sock'))).resolves.toBe(true);
    foreign.close();
  });

  it('ends when its directory is gone', async () => {
    await using dir = await TempDir.create();
    await mkdir(dir.join('d'));
    const before = pipes();
    const socket = await ListeningSocket.open(dir.join('d', 'a.sock'), ignore);
    await rm(dir.join('d'), { recursive: true });
    socket.close();
    await expect.poll(pipes).toEqual(before);
  });
});

describe('isServed()', () => {
  it('is false for what is not there, is stale or no socket', async () => {
    await using dir = await TempDir.create();
    await staleSocket(dir.join('stale.sock'));
    await writeFile(dir.join('file'), '');
    for (const name of ['nothing', 'stale.sock', 'file']) await expect(isServed(dir.join(name))).resolves.toBe(false);
  });

  it('is true for a server whose backlog is full', async () => {
    await using dir = await TempDir.create();
    const server = await listen(dir.join('a.sock'), 1);
    // The server of this process accepts none of them before this function awaits something.
    const clients = Array.from({ length: 10 }, () => connect(dir.join('a.sock')).on('error', () => undefined));
    await expect(isServed(dir.join('a.sock'))).resolves.toBe(true);
    for (const client of clients) client.destroy();
    server.close();
  });
});

function pipes(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('Pipe'));
}

async function listen(path: string, backlog?: number): Promise<Server> {
  const server = createServer((connection) => connection.destroy());
  server.listen({ path, ...(backlog !== undefined && { backlog }) });
  await once(server, 'listening');
  chmodSync(path, 0o660);
  return server;
}
