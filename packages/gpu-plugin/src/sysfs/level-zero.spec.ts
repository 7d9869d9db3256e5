// SPDX-License-Identifier: Apache-2.0
import { FakeLevelZero } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { bdf, HealthWorld } from '../../test/health-world.ts';
import { LevelZeroClient, readWslIndices } from './level-zero.ts';

describe('LevelZeroClient', () => {
  it('A-G46: gives what the sidecar says', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    using client = new LevelZeroClient(world.socket);
    fake.setCard(bdf, { gpuCelsius: 55.5 });
    expect(await client.health(bdf, world.signal)).toMatchObject({ memoryOk: true, busOk: true, socOk: true });
    expect(await client.temperature(bdf, world.signal)).toMatchObject({ gpu: 55.5, global: 40, memory: 40 });
    expect((await client.indices(world.signal)).indices).toHaveLength(1);
    expect((await client.memoryAmount(bdf, world.signal)).memorySize).toBe(1000);
    expect(fake.calls.map(({ bdf: asked }) => asked)).toEqual([bdf, bdf, '', bdf]);
  });

  it('A-G47: takes an error inside of an answer for a part of it', async () => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.behave('error');
    using client = new LevelZeroClient(world.socket);
    expect(await client.health(bdf, world.signal)).toMatchObject({ memoryOk: true, error: { errorcode: 0x70000001 } });
    expect((await client.indices(world.signal)).indices).toEqual([]);
    expect((await client.memoryAmount(bdf, world.signal)).error?.description).toBe('device lost (0x70000001)');
  });

  it.each(['health', 'temperature', 'indices', 'memoryAmount'] as const)(
    'A-G48, A-G49: %s() rejects when the sidecar refuses, and while it is not ready',
    async (method) => {
      await using world = await HealthWorld.create();
      using client = new LevelZeroClient(world.socket);
      const call = async (): Promise<unknown> =>
        method === 'indices' ? await client.indices(world.signal) : await client[method](bdf, world.signal);
      await expect(call()).rejects.toMatchObject({ code: 'RPC_FAILED', cause: { code: 'ENOENT' } });
      await using fake = await FakeLevelZero.start(world.socket);
      fake.behave('fail');
      await expect(call()).rejects.toMatchObject({ code: 'RPC_FAILED', cause: { status: 13 } });
      fake.behave('answer');
      await expect(call()).resolves.toBeDefined();
    },
  );
});

describe('readWslIndices()', () => {
  it.each([[[0]], [[0, 1, 2, 3]]])('A-G26: gives %j', async (indices) => {
    await using world = await HealthWorld.create();
    await using fake = await FakeLevelZero.start(world.socket);
    fake.indices = indices;
    await expect(readWslIndices(world.socket, world.signal)).resolves.toEqual(indices);
  });

  it('rejects without a sidecar', async () => {
    await using world = await HealthWorld.create();
    await expect(readWslIndices(world.socket, world.signal)).rejects.toMatchObject({ code: 'RPC_FAILED' });
  });
});
