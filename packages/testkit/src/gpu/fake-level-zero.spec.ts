// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callUnary } from '@kube-device-plugins/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceHealth, DeviceId, DeviceIndices, DeviceTemperature } from './api/levelzero.ts';
import { FakeLevelZero, type LevelZeroMethod } from './fake-level-zero.ts';

const bdf = '0000:03:00.0';

describe('FakeLevelZero', () => {
  let directory: string;
  let fake: FakeLevelZero;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    fake = await FakeLevelZero.start(join(directory, 's'));
  });

  afterEach(async () => {
    await fake[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  async function call(method: LevelZeroMethod, timeoutMs = 10_000): Promise<Buffer> {
    const request = DeviceId.encode({ bdfAddress: bdf }).finish();
    const socketPath = join(directory, 's');
    return await callUnary(
      { socketPath, method: `/Levelzero/${method}`, request, timeoutMs },
      new AbortController().signal,
    );
  }

  it('says what it was told to say of a card, and remembers who asked', async () => {
    fake.setCard(bdf, { busOk: false, gpuCelsius: 99 });
    expect(DeviceHealth.decode(await call('GetDeviceHealth'))).toMatchObject({ memoryOk: true, busOk: false });
    expect(DeviceTemperature.decode(await call('GetDeviceTemperature'))).toMatchObject({ gpu: 99, memory: 40 });
    expect(fake.calls).toEqual([
      { method: 'GetDeviceHealth', bdf },
      { method: 'GetDeviceTemperature', bdf },
    ]);
  });

  it('fails, hangs and tells of errors where it is told to', async () => {
    fake.behave('fail', 'GetDeviceHealth', bdf);
    fake.behave('hang', 'GetDeviceTemperature');
    fake.behave('error', 'GetIntelIndices');
    await expect(call('GetDeviceHealth')).rejects.toMatchObject({ cause: { status: 13 } });
    await expect(call('GetDeviceTemperature', 50)).rejects.toMatchObject({
      cause: { message: 'no answer within 0.05 s' },
    });
    const indices = DeviceIndices.decode(await call('GetIntelIndices'));
    expect(indices).toMatchObject({ indices: [], error: { errorcode: 0x70000001 } });
  });

  it('goes away and comes back', async () => {
    fake.stop();
    await expect(call('GetDeviceHealth')).rejects.toMatchObject({ cause: { code: 'ENOENT' } });
    await fake.start();
    await fake.start();
    expect(DeviceHealth.decode(await call('GetDeviceHealth')).socOk).toBe(true);
  });

  it('cannot start in a directory that is not there', async () => {
    await expect(FakeLevelZero.start(join(directory, 'missing', 's'))).rejects.toThrow('missing/s');
  });
});
