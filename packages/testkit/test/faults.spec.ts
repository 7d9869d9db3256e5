// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { KubeletFaults } from '../src/index.ts';
import { blue, red, Rig } from './rig.ts';
import { devices, type ScriptedPlugin } from './scripted-plugin.ts';

const unavailable = { code: status.UNAVAILABLE };

interface World extends AsyncDisposable {
  readonly rig: Rig;
  readonly plugin: ScriptedPlugin;
}

async function withFaults(faults: KubeletFaults): Promise<World> {
  const rig = await Rig.create({ faults });
  const plugin = await rig.plugin();
  plugin.list(devices('a'));
  return { rig, plugin, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

describe('the register fault', () => {
  it('reject: refuses with the text, without a call', async () => {
    await using world = await withFaults({ register: { reject: 'not today: 100 %' } });
    const { rig, plugin } = world;
    await expect(plugin.register()).rejects.toMatchObject({ code: status.UNKNOWN, details: 'not today: 100 %' });
    expect(rig.methods()).toEqual(['Register']);
  });

  it('is decided for each attempt by a function', async () => {
    await using rig = await Rig.create({
      faults: (request, attempt) => (attempt < 3 ? { register: { reject: `${request.endpoint} ${attempt}` } } : {}),
    });
    const plugin = await rig.plugin();
    await expect(plugin.register()).rejects.toMatchObject({ details: 'plugin.sock 1' });
    await expect(plugin.register()).rejects.toMatchObject({ details: 'plugin.sock 2' });
    await plugin.register();
    rig.kubelet.faults = { register: { reject: 'again' } };
    await expect(plugin.register()).rejects.toMatchObject({ details: 'again' });
  });

  it('hang: never answers, and ends with the kubelet', async () => {
    await using world = await withFaults({ register: 'hang' });
    const { rig, plugin } = world;
    await expect(plugin.register({}, { deadline: Date.now() + 100 })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('registrationFailed'));
    const outcome = expect(plugin.register()).rejects.toMatchObject(unavailable);
    await expect.poll(() => rig.methods()).toHaveLength(2);
    await rig.kubelet.stop();
    await outcome;
    expect(rig.methods()).toEqual(['Register', 'Register']);
  });

  it('slowMs: waits before it calls back', async () => {
    await using world = await withFaults({ register: { slowMs: 60 } });
    const { rig, plugin } = world;
    const startMs = performance.now();
    const registered = plugin.register();
    await expect.poll(() => rig.methods()).toContain('GetDevicePluginOptions');
    expect(performance.now() - startMs).toBeGreaterThan(50);
    await registered;
  });

  it('close: cuts the connection of the caller, and of nobody else', async () => {
    await using rig = await Rig.create({ faults: (_, attempt) => ({ register: attempt === 1 ? 'hang' : 'close' }) });
    const plugin = await rig.plugin();
    const hanging = plugin.register();
    const outcome = expect(hanging).rejects.toMatchObject(unavailable);
    await expect.poll(() => rig.methods()).toHaveLength(1);
    await expect(plugin.register()).rejects.toMatchObject(unavailable);
    expect(rig.events.filter(({ type }) => type === 'registrationFailed')).toHaveLength(1);
    await rig.kubelet.stop();
    await outcome;
  });

  it('answer-before-dial: calls back in the background', async () => {
    await using world = await withFaults({ register: 'answer-before-dial' });
    const { rig, plugin } = world;
    await plugin.register({ endpoint: 'late.sock' });
    expect(rig.kubelet.resources().size).toBe(0);
    const late = await rig.plugin({ endpoint: 'late.sock' });
    late.list(devices('a', 'b'));
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
  });

  it('answer-before-dial: does not tell the plugin that this failed', async () => {
    await using rig = await Rig.create({ faults: { register: 'answer-before-dial' }, dialTimeoutMs: 50 });
    const plugin = await rig.plugin();
    await plugin.register({ endpoint: 'absent.sock' });
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('registrationFailed'));
    expect(rig.events.at(-1)).toMatchObject({
      message: expect.stringContaining('context deadline exceeded') as string,
    });
  });
});

describe('the options fault', () => {
  it('error: fails Register after the call', async () => {
    await using world = await withFaults({ options: { error: 'lost' } });
    const { rig, plugin } = world;
    await expect(plugin.register()).rejects.toMatchObject({ details: 'failed to get device plugin options: lost' });
    expect(rig.methods()).toEqual(['Register', 'GetDevicePluginOptions']);
  });

  it('hang: keeps Register waiting after the call', async () => {
    await using world = await withFaults({ options: 'hang' });
    const { rig, plugin } = world;
    const outcome = expect(plugin.register()).rejects.toMatchObject(unavailable);
    await expect.poll(() => rig.methods()).toEqual(['Register', 'GetDevicePluginOptions']);
    await rig.kubelet.stop();
    await outcome;
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('registrationFailed'));
  });
});

describe('the ListAndWatch fault', () => {
  it('skip: never opens the stream', async () => {
    await using world = await withFaults({ listAndWatch: 'skip' });
    const { rig, plugin } = world;
    await plugin.register();
    rig.kubelet.faults = {};
    await rig.registered(['b'], { endpoint: 'other.sock' });
    expect(rig.methods().filter((method) => method === 'ListAndWatch')).toHaveLength(1);
    expect(plugin.openStreams).toBe(0);
  });

  it('delayMs: opens it later', async () => {
    await using world = await withFaults({ listAndWatch: { delayMs: 50 } });
    const { rig, plugin } = world;
    await plugin.register();
    const startMs = performance.now();
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    expect(performance.now() - startMs).toBeGreaterThan(40);
  });

  it('delayMs: does not open it any more when the kubelet has stopped', async () => {
    await using world = await withFaults({ listAndWatch: { delayMs: 60_000 } });
    const { rig, plugin } = world;
    await plugin.register();
    await rig.kubelet.restart('graceful');
    expect(rig.methods()).not.toContain('ListAndWatch');
  });

  it.each([0, 2])('cancelAfter: cancels it after %i lists', async (cancelAfter) => {
    await using world = await withFaults({ listAndWatch: { cancelAfter } });
    const { rig, plugin } = world;
    await plugin.register();
    if (cancelAfter > 0) {
      await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
      plugin.list(devices('b'));
    }
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
    expect(rig.events.at(-1)).toMatchObject({ error: { status: 'CANCELLED', details: 'context canceled' } });
    expect(rig.eventTypes().filter((type) => type === 'listed')).toHaveLength(cancelAfter);
    await expect.poll(() => plugin.openStreams).toBe(0);
    expect(rig.kubelet.node().allocatable).toEqual({ [red]: 0 });
  });

  it('resetAfter: cuts the connection', async () => {
    await using world = await withFaults({ listAndWatch: { resetAfter: 1 } });
    const { rig, plugin } = world;
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 1 });
    await rig.kubelet.waitFor(() => rig.eventTypes().includes('streamEnded'));
    expect(rig.events.at(-1)).toMatchObject({ error: { status: 'UNAVAILABLE' } });
    await expect.poll(() => plugin.cancelledStreams).toBe(1);
  });

  it('stallAfter: reads nothing any more, so that the plugin cannot write any more', async () => {
    await using world = await withFaults({ listAndWatch: { stallAfter: 1 } });
    const { rig, plugin } = world;
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    // More than all buffers on the way hold together.
    const long = devices(...Array.from({ length: 8000 }, (_, index) => `${index}-${'x'.repeat(100)}`));
    for (let lists = 0; lists < 10; lists += 1) plugin.list(long);
    // Time enough for a kubelet that reads.
    rig.kubelet.faults = {};
    await rig.registered(['x'], { resource: blue, endpoint: 'blue.sock' });
    expect(plugin.bufferedBytes).toBeGreaterThan(0);
    expect(rig.kubelet.resources().get(red)?.devices).toHaveLength(1);
    expect(rig.kubelet.resources().get(red)?.state).toBe('connected');
    expect(plugin.openStreams).toBe(1);
    await rig.kubelet.stop();
    await expect.poll(() => plugin.openStreams).toBe(0);
  });
});

describe('cutStreams()', () => {
  it.each(['cancel', 'reset'] as const)('%s: ends the stream from the side of the kubelet', async (kind) => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    rig.kubelet.cutStreams('other.example.com/x', kind);
    rig.kubelet.cutStreams(red, kind);
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 1, allocatable: 0 });
    await expect.poll(() => plugin.cancelledStreams).toBe(1);
    await plugin.register();
    await rig.kubelet.waitFor({ resource: red, state: 'connected', allocatable: 1 });
  });

  it('does nothing while the kubelet is away', async () => {
    await using rig = await Rig.create();
    await rig.kubelet.stop();
    rig.kubelet.cutStreams(red, 'reset');
  });
});

describe('the profile', () => {
  it('1.25 sends the path of the socket as authority, which nghttp2 refuses', async () => {
    await using rig = await Rig.create({ profile: '1.25' });
    const plugin = await rig.plugin();
    await expect(plugin.register()).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringMatching(/^failed to get device plugin options: rpc error: .*PROTOCOL_ERROR$/) as string,
    });
  });

  it.each(['1.26', '1.31', '1.36', '1.37'] as const)('%s sends localhost', async (profile) => {
    await using rig = await Rig.create({ profile });
    const plugin = await rig.registered(['a']);
    expect(plugin.authorities).toEqual(['localhost']);
  });
});
