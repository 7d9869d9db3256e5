// SPDX-License-Identifier: Apache-2.0
import { status, type sendUnaryData, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { connect as connectSocket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PluginClient, StalledReader } from '../../test/plugin-client.ts';
import { TempDir } from '../../test/temp-dir.ts';
import { RegistrationService } from '../kubelet-api/pluginregistration.ts';
import { connectionOf, createGrpcServer, type GrpcServer } from './grpc-server.ts';
import type { ListCall } from './list-stream.ts';
import { ListeningSocket } from './listening-socket.ts';
import { devicePluginService } from './service.ts';

type Callback = sendUnaryData<unknown>;

/** An AllocateResponse for no container. */
const noContainers = Buffer.alloc(0);

/** A server on a socket of its own. */
class Rig implements AsyncDisposable {
  readonly #dir: TempDir;
  readonly server: GrpcServer;
  readonly #socket: ListeningSocket;

  private constructor(dir: TempDir, server: GrpcServer, socket: ListeningSocket) {
    this.#dir = dir;
    this.server = server;
    this.#socket = socket;
  }

  static async create(implementation: UntypedServiceImplementation): Promise<Rig> {
    const dir = await TempDir.create();
    const server = createGrpcServer(devicePluginService, implementation);
    const socket = await ListeningSocket.open(dir.join('a.sock'), (connection) => {
      server.accept(connection);
    });
    return new Rig(dir, server, socket);
  }

  get path(): string {
    return this.#socket.path;
  }

  client(): PluginClient {
    return new PluginClient(this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.server.close(0);
    await this.#dir[Symbol.asyncDispose]();
  }
}

const answerAtOnce = (_call: unknown, callback: Callback): void => {
  callback(null, noContainers);
};

describe('createGrpcServer()', () => {
  it('answers calls, and refuses methods and services that it does not have', async () => {
    await using rig = await Rig.create({ allocate: answerAtOnce });
    using client = rig.client();
    await expect(client.allocate()).resolves.toEqual({ containerResponses: [] });
    await expect(client.options()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    await expect(client.getInfo()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('takes a second service', async () => {
    await using rig = await Rig.create({ allocate: answerAtOnce });
    rig.server.addService(RegistrationService, {
      getInfo: (_call: unknown, callback: Callback) => {
        callback(null, { type: 'DevicePlugin', name: 'a/b', endpoint: '', supportedVersions: [] });
      },
    });
    using client = rig.client();
    await expect(client.getInfo()).resolves.toMatchObject({ name: 'a/b' });
  });

  it.each<[string, Buffer]>([
    ['garbage', Buffer.alloc(1_000, 'x')],
    ['HTTP/1', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
    ['TLS', Buffer.from('160301002001000020030300000000000000000000', 'hex')],
  ])('closes a connection on which somebody speaks %s, and goes on', async (_what, bytes) => {
    await using rig = await Rig.create({ allocate: answerAtOnce });
    const connection = connectSocket(rig.path).on('error', () => undefined);
    connection.resume().write(bytes);
    await expect.poll(() => connection.closed).toBe(true);
    using client = rig.client();
    await expect(client.allocate()).resolves.toBeDefined();
  });

  it('refuses a malformed and a huge message, and goes on', async () => {
    await using rig = await Rig.create({ allocate: answerAtOnce });
    using client = rig.client();
    const raw = (bytes: Buffer): Promise<unknown> =>
      client.call({ ...devicePluginService.allocate, requestSerialize: () => bytes }, {} as never);
    await expect(raw(Buffer.from([0x0a, 0xff, 0xff]))).rejects.toMatchObject({ code: status.INTERNAL });
    await expect(raw(Buffer.alloc(5 * 1024 * 1024))).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await expect(raw(Buffer.from([0xfa, 0x01, 0x01, 0x78]))).resolves.toBeDefined();
  });

  describe('close()', () => {
    it('lets a call in flight finish', async () => {
      const waiting = Promise.withResolvers<Callback>();
      await using rig = await Rig.create({
        allocate: (_call: unknown, callback: Callback) => {
          waiting.resolve(callback);
        },
      });
      using client = rig.client();
      const answer = client.allocate();
      const callback = await waiting.promise;
      let isClosed = false;
      const closed = rig.server.close(10_000).then(() => (isClosed = true));
      await new Promise(setImmediate);
      expect(isClosed).toBe(false);
      callback(null, noContainers);
      await expect(answer).resolves.toEqual({ containerResponses: [] });
      await closed;
    });

    it('refuses calls from then on', async () => {
      const waiting = Promise.withResolvers<Callback>();
      await using rig = await Rig.create({
        allocate: (_call: unknown, callback: Callback) => {
          waiting.resolve(callback);
        },
      });
      using client = rig.client();
      const answer = client.allocate();
      const callback = await waiting.promise;
      const closed = rig.server.close(10_000);
      await expect(client.allocate()).rejects.toMatchObject({ code: status.UNAVAILABLE });
      callback(null, noContainers);
      await answer;
      await closed;
    });

    it('cuts what is left after the grace, a stalled stream for one', async () => {
      let opened = false;
      await using rig = await Rig.create({
        listAndWatch: (call: ListCall) => {
          opened = true;
          call.write(Buffer.alloc(1_000_000));
        },
      });
      using reader = new StalledReader(rig.path);
      await expect.poll(() => opened).toBe(true);
      const startMs = performance.now();
      await rig.server.close(200);
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(190);
      expect(performance.now() - startMs).toBeLessThan(2_000);
      await expect(reader.readToEnd()).rejects.toThrow();
    });

    it('does not wait when there are only idle connections, and not at all without any', async () => {
      await using rig = await Rig.create({ allocate: answerAtOnce });
      using client = rig.client();
      await client.allocate();
      const silent = connectSocket(rig.path);
      await expect.poll(() => silent.connecting).toBe(false);
      const startMs = performance.now();
      await rig.server.close(10_000);
      await rig.server.close(10_000);
      expect(performance.now() - startMs).toBeLessThan(5_000);
      await expect.poll(() => silent.resume().closed).toBe(true);
    });

    it('leaves no handle', async () => {
      const before = pipes();
      await using rig = await Rig.create({ allocate: answerAtOnce });
      using client = rig.client();
      await client.allocate();
      await rig[Symbol.asyncDispose]();
      client.close();
      await expect.poll(pipes).toEqual(before);
    });
  });
});

describe('connectionOf()', () => {
  it('is the same for the calls on one connection, unary or stream, and another on another: grpc-js still shows it', async () => {
    const connections: unknown[] = [];
    await using rig = await Rig.create({
      getDevicePluginOptions: (call: object, callback: Callback) => {
        connections.push(connectionOf(call));
        callback(null, { preStartRequired: false, getPreferredAllocationAvailable: false });
      },
      listAndWatch: (call: ListCall) => {
        connections.push(connectionOf(call));
        call.end();
      },
    });
    using one = rig.client();
    using other = rig.client();
    await one.options();
    const reader = one.listAndWatch();
    await expect.poll(() => reader.end).toBe('ok');
    await other.options();
    const [options, stream, foreign] = connections;
    expect(options).toBeInstanceOf(Object);
    expect(stream).toBe(options);
    expect(foreign).toBeInstanceOf(Object);
    expect(foreign).not.toBe(options);
  });

  it('is undefined for what does not look like a call of grpc-js', () => {
    expect([connectionOf({}), connectionOf({ call: {} }), connectionOf({ call: { stream: {} } })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

function pipes(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('Pipe'));
}
