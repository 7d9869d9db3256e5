// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openIdleConnections, PluginCallError, readListOnce } from '../src/index.ts';
import { red, Rig } from './rig.ts';
import { devices } from './scripted-plugin.ts';

describe('readListOnce()', () => {
  it('reads one list beside the kubelet and cancels', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    const { socketPath = '' } = rig.kubelet.resources().get(red) ?? {};
    expect(socketPath).toBe(join(rig.dir, 'plugin.sock'));
    expect(await readListOnce(socketPath)).toMatchObject([{ ID: 'a' }]);
    await expect.poll(() => plugin.cancelledStreams).toBe(1);
    expect(plugin.openStreams).toBe(1);
    expect(rig.kubelet.resources().get(red)?.state).toBe('connected');
  });

  it('rejects when the stream ends without a list, and when there is nobody', async () => {
    await using rig = await Rig.create();
    await rig.plugin({ onStream: (stream) => stream.emit('error', new Error('no')) });
    await expect(readListOnce(join(rig.dir, 'plugin.sock'))).rejects.toBeInstanceOf(PluginCallError);
    await expect(readListOnce(join(rig.dir, 'absent.sock'), { timeoutMs: 50 })).rejects.toThrow();
  });
});

describe('openIdleConnections()', () => {
  it('connects, says nothing, and lets go', async () => {
    await using rig = await Rig.create();
    const pipes = (): number => process.getActiveResourcesInfo().filter((type) => type === 'PipeWrap').length;
    const before = pipes();
    const idle = await openIdleConnections(rig.kubelet.socketPath, 50);
    // Both ends of each are in this process.
    await expect.poll(pipes).toBe(before + 100);
    await rig.registered(['a']);
    idle[Symbol.dispose]();
    await expect.poll(pipes).toBeLessThan(before + 10);
  });

  it('rejects when nobody listens', async () => {
    await expect(openIdleConnections('/nowhere.sock', 3)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('limits', () => {
  const manyBytes = (count: number) => devices(...Array.from({ length: count / 20 }, (_, i) => `${i}`.padEnd(30, 'x')));

  it('messageBytes: takes no longer list', async () => {
    await using rig = await Rig.create({ limits: { messageBytes: 10_000 } });
    const plugin = await rig.registered(['a']);
    plugin.list(manyBytes(20_000));
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
    expect(rig.events.at(-1)).toMatchObject({ error: { status: 'RESOURCE_EXHAUSTED' } });
  });

  it('messageBytes: takes no longer Register either', async () => {
    await using rig = await Rig.create({ limits: { messageBytes: 100 } });
    const plugin = await rig.plugin();
    await expect(plugin.register({ endpoint: 'x'.repeat(100) })).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
    expect(rig.methods()).toEqual([]);
  });

  it('windowBytes: takes lists in smaller pieces', async () => {
    await using rig = await Rig.create({ limits: { windowBytes: 1000 } });
    const plugin = await rig.registered(['a']);
    plugin.list(manyBytes(200_000));
    await rig.kubelet.waitFor({ resource: red, devices: 10_000 });
    const session = connectHttp2('http://localhost', { createConnection: () => connect(rig.kubelet.socketPath) });
    const [settings] = (await once(session, 'remoteSettings')) as [{ initialWindowSize: number }];
    session.destroy();
    expect(settings.initialWindowSize).toBe(1000);
  });

  it('concurrentStreams: says how many calls a connection may have', async () => {
    await using rig = await Rig.create({ limits: { concurrentStreams: 3 } });
    const session = connectHttp2('http://localhost', { createConnection: () => connect(rig.kubelet.socketPath) });
    const [settings] = (await once(session, 'remoteSettings')) as [{ maxConcurrentStreams: number }];
    session.destroy();
    expect(settings.maxConcurrentStreams).toBe(3);
  });
});

describe('kubelet.sock', () => {
  /** One call, its body as it is; resolves with the gRPC status of the answer. */
  async function statusOf(rig: Rig, path: string, body: Buffer): Promise<unknown> {
    const session = connectHttp2('http://localhost', { createConnection: () => connect(rig.kubelet.socketPath) });
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    stream.end(body);
    const [headers] = (await once(stream, 'response')) as [Record<string, string>];
    session.destroy();
    return Number(headers['grpc-status']);
  }

  const register = '/v1beta1.Registration/Register';
  it.each([
    ['an unknown method', '/v1beta1.Registration/Unregister', Buffer.alloc(5), status.UNIMPLEMENTED],
    ['no message', register, Buffer.alloc(0), status.INTERNAL],
    ['half a message', register, Buffer.from([0, 0, 0, 0, 9, 1]), status.INTERNAL],
    ['two messages', register, Buffer.alloc(10), status.INTERNAL],
    ['a compressed message', register, Buffer.from([1, 0, 0, 0, 0]), status.INTERNAL],
    ['no protobuf', register, Buffer.from([0, 0, 0, 0, 1, 0xff]), status.INTERNAL],
    ['an empty message', register, Buffer.alloc(5), status.UNKNOWN],
  ])('answers %s with its status', async (_name, path, body, code) => {
    await using rig = await Rig.create();
    expect(await statusOf(rig, path, body)).toBe(code);
    await rig.registered(['a']);
  });

  it.each(['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x00\xa5\x01', '\0'.repeat(100)])('survives %j', async (text) => {
    await using rig = await Rig.create();
    const socket = connect(rig.kubelet.socketPath);
    socket.on('error', () => undefined);
    socket.write(text, 'latin1');
    socket.resume();
    await once(socket, 'close');
    await rig.registered(['a']);
  });

  it('does not answer a caller that has gone', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    await using rig = await Rig.create({ beforeRegister: () => promise });
    const plugin = await rig.plugin();
    const cancelled = plugin.register({}, { deadline: Date.now() + 50 });
    await expect(cancelled).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    resolve(undefined);
    await rig.kubelet.waitFor({ resource: red, state: 'connected' });
  });
});

describe('a call to a plugin', () => {
  it('fails when its answer is no protobuf', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    // A string field that is none.
    plugin.garble();
    const pod = rig.kubelet.admit({ pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    await expect(pod).rejects.toThrow('code = Internal desc = grpc: failed to unmarshal the received message');
  });

  it('fails when the plugin dies under it', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a'], { allocate: () => new Promise(() => undefined) });
    const pod = rig.kubelet.admit({ pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    const outcome = expect(pod).rejects.toThrow(/code = (Unavailable|Canceled)/);
    await expect.poll(() => rig.methods()).toContain('Allocate');
    plugin.stop();
    await outcome;
  });
});
