// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AllocateRequest } from '../src/kubelet-api/deviceplugin.ts';
import { slope, usedHeap } from './heap.ts';
import { frame, http2Preface, message, rawCall, sendBytes } from './raw-peer.ts';
import { PluginClient } from './plugin-client.ts';
import { handles, red, Rig, TreePlugin } from './rig.ts';

const allocateA = AllocateRequest.encode({ containerRequests: [{ devicesIds: ['a'] }] }).finish();

/** The plugin still serves everybody, and the kubelet noticed nothing. */
async function expectAlive(rig: Rig): Promise<void> {
  await expect(rig.client(rig.socketOf(red)).allocate(['a'])).resolves.toMatchObject({ containerResponses: [{}] });
  expect(rig.kubelet.resources().get(red)?.state).toBe('connected');
  expect(rig.kubelet.registrations(red)).toBe(1);
}

async function servedRig(): Promise<Rig> {
  const rig = await Rig.withKubelet();
  rig.run(new TreePlugin());
  await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
  return rig;
}

describe('a peer that does not speak gRPC', () => {
  it.each<[string, Buffer]>([
    ['HTTP/1.1', Buffer.from('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    [
      'HTTP/1.1 with an upgrade',
      Buffer.from('GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n'),
    ],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
    ['garbage', Buffer.alloc(1_000, 0xff)],
    ['zeros', Buffer.alloc(100_000)],
    ['a frame that is too long', Buffer.concat([http2Preface, frame(0, 0, 1, Buffer.alloc(0), 0xffffff)])],
    ['data on no stream', Buffer.concat([http2Preface, frame(0, 0, 0, Buffer.alloc(4))])],
    ['data on a stream that is not open', Buffer.concat([http2Preface, frame(0, 0, 7, Buffer.alloc(4))])],
    ['headers that cannot be unpacked', Buffer.concat([http2Preface, frame(1, 5, 1, Buffer.alloc(20, 0xff))])],
    ['a promise, which only servers make', Buffer.concat([http2Preface, frame(5, 4, 1, Buffer.alloc(4))])],
    ['settings of an odd length', Buffer.concat([http2Preface, frame(4, 0, 0, Buffer.alloc(5))])],
    ['an empty window update', Buffer.concat([http2Preface, frame(8, 0, 0, Buffer.alloc(4))])],
    ['the end of a stream that never began', Buffer.concat([http2Preface, frame(3, 0, 9, Buffer.alloc(4))])],
  ])('is cut off: %s', async (_what, bytes) => {
    await using rig = await servedRig();
    await sendBytes(rig.socketOf(red), bytes);
    await expectAlive(rig);
  });

  it('is survived, whatever it sends', async () => {
    await using rig = await servedRig();
    const path = rig.socketOf(red);
    const frames = fc.record({
      type: fc.integer({ min: 0, max: 12 }),
      flags: fc.integer({ min: 0, max: 255 }),
      streamId: fc.integer({ min: 0, max: 9 }),
      payload: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { maxLength: 10 }), fc.boolean(), async (all, hasPreface) => {
        const bytes = all.map(({ type, flags, streamId, payload }) => frame(type, flags, streamId, payload));
        const socket = connect(path);
        socket.on('error', () => undefined);
        socket.end(Buffer.concat([...(hasPreface ? [http2Preface] : []), ...bytes]));
        socket.resume();
        await once(socket, 'close');
      }),
      { numRuns: 200 },
    );
    await expectAlive(rig);
  });
});

describe('a call that is wrong', () => {
  it.each<[string, number, Uint8Array, Record<string, string>?]>([
    ['5 MiB', status.RESOURCE_EXHAUSTED, message(Buffer.alloc(5 * 1024 * 1024))],
    ['a length of 4 GiB', status.RESOURCE_EXHAUSTED, message(Buffer.alloc(10), { length: 0xffffffff })],
    ['no protobuf', status.INTERNAL, message(Buffer.from([0x0a, 0x7f, 0x01]))],
    ['random bytes', status.INTERNAL, message(Buffer.concat([Buffer.from([0x0f]), randomBytes(100)]))],
    [
      'an encoding that nobody knows',
      status.UNIMPLEMENTED,
      message(allocateA, { compressed: true }),
      { 'grpc-encoding': 'br' },
    ],
    [
      'a method that is none',
      status.UNIMPLEMENTED,
      message(allocateA),
      { ':path': '/v1beta1.DevicePlugin/Deallocate' },
    ],
    ['another service', status.UNIMPLEMENTED, message(allocateA), { ':path': '/v1.PodResourcesLister/List' }],
    ['no path', status.UNIMPLEMENTED, message(allocateA), { ':path': '/' }],
  ])('has the status of its fault: %s', async (_what, code, body, headers) => {
    await using rig = await servedRig();
    await expect(rawCall(rig.socketOf(red), body, headers)).resolves.toEqual({ httpStatus: 200, grpcStatus: code });
    await expectAlive(rig);
  });

  it.each<[string, Uint8Array, Record<string, string>?]>([
    ['no message', Buffer.alloc(0)],
    ['half a message', message(allocateA, { length: 100 })],
    ['half a prefix', Buffer.alloc(3)],
    ['two messages', Buffer.concat([message(allocateA), message(allocateA)])],
    ['JSON', Buffer.from('{}'), { 'content-type': 'application/json' }],
    ['no deadline that can be read', message(allocateA), { 'grpc-timeout': 'soon' }],
  ])('fails and nothing else does: %s', async (_what, body, headers) => {
    await using rig = await servedRig();
    const { httpStatus, grpcStatus } = await rawCall(rig.socketOf(red), body, headers);
    expect([httpStatus, grpcStatus]).not.toEqual([200, status.OK]);
    await expectAlive(rig);
  });

  it('is answered in spite of fields that this version does not know', async () => {
    await using rig = await servedRig();
    const more = Buffer.concat([allocateA, Buffer.from([0x9a, 0x06, 0x01, 0x78])]);
    await expect(rawCall(rig.socketOf(red), message(more))).resolves.toEqual({
      httpStatus: 200,
      grpcStatus: status.OK,
    });
  });

  it.each(['localhost', '%2Fvar%2Flib%2Fkubelet%2Fdevice-plugins%2Fx.sock', 'x'])(
    'is answered for the authority %s',
    async (authority) => {
      await using rig = await servedRig();
      const answer = await rawCall(rig.socketOf(red), message(allocateA), { ':authority': authority });
      expect(answer).toEqual({ httpStatus: 200, grpcStatus: status.OK });
    },
  );
});

describe('callers that do not wait', () => {
  it('cost nothing when their deadline of a millisecond has passed', async () => {
    await using rig = await Rig.withKubelet();
    let underWay = 0;
    const postAllocate = async (): Promise<void> => {
      underWay += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
    };
    rig.run(Object.assign(new TreePlugin(), { postAllocate }));
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    const path = rig.socketOf(red);
    const answers = Array.from({ length: 50 }, () => rawCall(path, message(allocateA), { 'grpc-timeout': '1m' }));
    for (const { grpcStatus } of await Promise.all(answers)) expect(grpcStatus).toBe(status.DEADLINE_EXCEEDED);
    await expect.poll(() => underWay).toBe(0);
    await expectAlive(rig);
  });

  it('leave no handle and no memory behind in a thousand streams that are opened and cancelled', async () => {
    await using rig = await servedRig();
    const path = rig.socketOf(red);
    // Fifty on a connection: one that resets a thousand streams in a row is an attack for nghttp2, and is cut (CVE-2023-44487).
    const round = async (): Promise<void> => {
      using client = new PluginClient(path);
      const readers = Array.from({ length: 50 }, () => client.listAndWatch());
      // expect.poll() would remember the readers until the test ends.
      while (!readers.every(({ lists }) => lists.length === 1)) await new Promise(setImmediate);
      for (const reader of readers) reader.cancel();
    };
    for (let i = 0; i < 4; i++) await round();
    const before = handles().length;
    const heap: number[] = [];
    for (let i = 0; i < 20; i++) {
      await round();
      if (i % 3 === 0) heap.push(await usedHeap());
    }
    await expect.poll(() => handles().length).toBeLessThanOrEqual(before);
    // A stream that is still served is some 20 KiB.
    expect(slope(heap) / 150).toBeLessThan(2 * 1024);
    await expectAlive(rig);
  });

  it('may hold a thousand connections open that say nothing, and take them away again', async () => {
    await using rig = await servedRig();
    const path = rig.socketOf(red);
    await expectAlive(rig);
    const before = handles().length;
    const sockets: Socket[] = [];
    for (let i = 0; i < 1_000; i++) {
      const socket = connect(path);
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    await expectAlive(rig);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => handles().length).toBeLessThanOrEqual(before + 2);
    await expectAlive(rig);
  });
});
