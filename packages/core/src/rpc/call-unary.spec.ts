// SPDX-License-Identifier: Apache-2.0
import { Server, ServerCredentials, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { once } from 'node:events';
import { createServer as createHttp1Server } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { staleSocket } from '../../test/stale-socket.ts';
import { TempDir } from '../../test/temp-dir.ts';
import { DevicePluginError, messageOf } from '../errors.ts';
import { RegisterRequest, RegistrationService } from '../kubelet-api/deviceplugin.ts';
import { callUnary } from './call-unary.ts';

const method = '/v1beta1.Registration/Register';
const request = RegisterRequest.encode({
  version: 'v1beta1',
  endpoint: 'a',
  resourceName: 'b/c',
  options: undefined,
}).finish();
const never = new AbortController().signal;

async function call(socketPath: string, { timeoutMs = 10_000, signal = never } = {}): Promise<Buffer> {
  return await callUnary({ socketPath, method, request, timeoutMs, maxMessageBytes: 65_536 }, signal);
}

/** The message of the error that a call fails with; its code is checked too. */
async function failure(socketPath: string, options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<string> {
  const error: unknown = await call(socketPath, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'RPC_FAILED' });
  expect(error).toBeInstanceOf(DevicePluginError);
  return messageOf(error);
}

type Handler = (call: { request: RegisterRequest }, callback: (error: unknown, response?: unknown) => void) => void;

async function grpcServer(path: string, register: Handler): Promise<Server> {
  const server = new Server();
  server.addService(RegistrationService, { register } as unknown as UntypedServiceImplementation);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), resolve);
  expect(await promise).toBeNull();
  return server;
}

/** An HTTP/2 server that answers as no gRPC server would. */
async function http2Server(path: string, answer: (stream: ServerHttp2Stream) => void): Promise<{ close(): void }> {
  const server = createHttp2Server();
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.resume();
    answer(stream);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function pipes(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('Pipe'));
}

describe('callUnary()', () => {
  it('gives the answer, with the request as it was', async () => {
    await using dir = await TempDir.create();
    const requests: RegisterRequest[] = [];
    const server = await grpcServer(dir.join('a'), (received, callback) => {
      requests.push(received.request);
      callback(null, {});
    });
    await expect(call(dir.join('a'))).resolves.toEqual(Buffer.alloc(0));
    expect(requests).toMatchObject([{ version: 'v1beta1', endpoint: 'a', resourceName: 'b/c' }]);
    server.forceShutdown();
  });

  it('gives the answer each time, however the frames of the end arrive', async () => {
    await using dir = await TempDir.create();
    const server = await grpcServer(dir.join('a'), (_call, callback) => {
      callback(null, {});
    });
    const answers = await Promise.all(Array.from({ length: 300 }, () => call(dir.join('a'))));
    expect(answers.every((answer) => answer.length === 0)).toBe(true);
    server.forceShutdown();
  });

  it('leaves no connection open', async () => {
    await using dir = await TempDir.create();
    const before = pipes();
    const server = await grpcServer(dir.join('a'), (_call, callback) => {
      callback(null, {});
    });
    await call(dir.join('a'));
    server.forceShutdown();
    await expect.poll(pipes).toEqual(before);
  });

  it('fails with the text of the status', async () => {
    await using dir = await TempDir.create();
    const details = 'the ResourceName "ü/%" is invalid';
    const server = await grpcServer(dir.join('a'), (_call, callback) => {
      callback({ code: status.UNKNOWN, details });
    });
    expect(await failure(dir.join('a'))).toBe(`${method} on ${dir.join('a')} failed: ${details}`);
    server.forceShutdown();
  });

  it('fails with the number of a status without text', async () => {
    await using dir = await TempDir.create();
    const server = await grpcServer(dir.join('a'), (_call, callback) => {
      callback({ code: status.UNIMPLEMENTED, details: '' });
    });
    expect(await failure(dir.join('a'))).toMatch(/gRPC status 12$/);
    server.forceShutdown();
  });

  it('has a deadline of its own', async () => {
    await using dir = await TempDir.create();
    const server = await http2Server(dir.join('a'), () => undefined);
    expect(await failure(dir.join('a'), { timeoutMs: 50 })).toMatch(/no answer within 0.05 s$/);
    server.close();
  });

  it('has it for a server that accepts and says nothing', async () => {
    await using dir = await TempDir.create();
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket)).listen(dir.join('a'));
    await once(server, 'listening');
    expect(await failure(dir.join('a'), { timeoutMs: 50 })).toMatch(/no answer within 0.05 s$/);
    server.close();
    await expect
      .poll(() => sockets.every((socket) => socket.destroyed || socket.readableEnded || socket.read() === null))
      .toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  it('has it for a server that answers byte by byte', async () => {
    await using dir = await TempDir.create();
    const server = await http2Server(dir.join('a'), (stream) => {
      stream.respond({ ':status': 200 });
      stream.write(framed(60_000).subarray(0, 5));
      const timer = setInterval(() => stream.write(Buffer.alloc(1)), 5);
      stream.on('close', () => {
        clearInterval(timer);
      });
    });
    expect(await failure(dir.join('a'), { timeoutMs: 100 })).toMatch(/no answer within 0.1 s$/);
    server.close();
  });

  it('ends when it is aborted: before, while and after it is sent', async () => {
    await using dir = await TempDir.create();
    const controller = new AbortController();
    const server = await http2Server(dir.join('a'), () => {
      controller.abort();
    });
    expect(await failure(dir.join('a'), { signal: AbortSignal.abort() })).toContain('aborted');
    const atOnce = new AbortController();
    const failing = failure(dir.join('a'), { signal: atOnce.signal });
    atOnce.abort();
    expect(await failing).toContain('aborted');
    expect(await failure(dir.join('a'), { signal: controller.signal })).toContain('aborted');
    server.close();
  });

  it.each([
    ['nothing', () => Promise.resolve(), 'ENOENT'],
    ['a socket that nobody serves', staleSocket, 'ECONNREFUSED'],
  ])('fails where there is %s', async (_what, prepare, text) => {
    await using dir = await TempDir.create();
    await prepare(dir.join('a'));
    expect(await failure(dir.join('a'))).toContain(text);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['garbage', (socket) => socket.write(Buffer.alloc(1_000, 'x'))],
    ['TLS', (socket) => socket.write(Buffer.from('150301000202281503010002022815030100020228', 'hex'))],
    ['nothing but the end', (socket) => socket.destroy()],
  ])('fails when it is answered with %s', async (_what, answer) => {
    await using dir = await TempDir.create();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      answer(socket);
    }).listen(dir.join('a'));
    await once(server, 'listening');
    expect(await failure(dir.join('a'))).toContain('failed: ');
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('fails when it is answered in HTTP/1', async () => {
    await using dir = await TempDir.create();
    const server = createHttp1Server((_request, response) => response.end('hello')).listen(dir.join('a'));
    await once(server, 'listening');
    expect(await failure(dir.join('a'))).toContain('failed: ');
    server.closeAllConnections();
    server.close();
  });

  const ok = { ':status': 200, 'content-type': 'application/grpc' };
  it.each<[string, (stream: ServerHttp2Stream) => void, string]>([
    [
      'another HTTP status',
      (stream) => (stream.respond({ ':status': 404 }), stream.end('not here')),
      'HTTP status 404',
    ],
    ['no status', (stream) => (stream.respond(ok), stream.end(Buffer.alloc(5))), 'without a gRPC status'],
    [
      'a status that is no number',
      (stream) => stream.respond({ ...ok, 'grpc-status': 'x' }, { endStream: true }),
      'gRPC status NaN',
    ],
    [
      'a text that cannot be decoded',
      (stream) => stream.respond({ ...ok, 'grpc-status': '2', 'grpc-message': '100%' }, { endStream: true }),
      '100%',
    ],
    ['no message', (stream) => stream.respond({ ...ok, 'grpc-status': '0' }, { endStream: true }), 'cut short'],
    ['half a message', (stream) => withTrailers(stream, Buffer.from([0, 0, 0, 0, 9, 1, 2])), 'cut short'],
    ['a compressed message', (stream) => withTrailers(stream, Buffer.from([1, 0, 0, 0, 0])), 'compressed'],
    ['a message of more than 64 KiB', (stream) => withTrailers(stream, framed(65_537)), 'longer than 65536 bytes'],
    ['more than one message', (stream) => withTrailers(stream, Buffer.alloc(70_000)), 'more than one message'],
    ['a reset', (stream) => stream.close(2), 'failed: '],
  ])('fails when it is answered with %s', async (_what, answer, text) => {
    await using dir = await TempDir.create();
    const server = await http2Server(dir.join('a'), answer);
    expect(await failure(dir.join('a'))).toContain(text);
    server.close();
  });
});

function framed(length: number): Buffer {
  const frame = Buffer.alloc(5 + length);
  frame.writeUInt32BE(length, 1);
  return frame;
}

function withTrailers(stream: ServerHttp2Stream, body: Buffer): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': '0' });
  });
  stream.end(body);
}
