// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GrpcClient } from '@kube-device-plugins/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceHealthResponse } from './api/deviceinfo.ts';
import { FakeXpumd } from './fake-xpumd.ts';

const bdf = '0000:03:00.0';
const call = { method: '/deviceinfo.DeviceInfo/WatchDeviceHealth', request: new Uint8Array() };

describe('FakeXpumd', () => {
  let directory: string;
  let fake: FakeXpumd;
  let client: GrpcClient;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    fake = await FakeXpumd.start(join(directory, 's'));
    client = new GrpcClient(join(directory, 's'));
  });

  afterEach(async () => {
    client.close();
    await fake[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  /** Each message as `address: severities`; the last one is the error that ended the stream. */
  async function* watch(): AsyncGenerator<string, void> {
    try {
      for await (const message of client.stream(call, new AbortController().signal)) {
        const { devices } = DeviceHealthResponse.decode(message);
        yield devices
          .map(({ info, health }) => `${info?.pci?.bdf ?? ''}: ${health.map((each) => each.severity).join()}`)
          .join('; ');
      }
      yield 'end';
    } catch (error) {
      yield String((error as Error).cause);
    }
  }

  it('tells what it knows to a new stream, and then what changes', async () => {
    fake.setHealth(bdf, 'OK');
    const told = watch();
    expect((await told.next()).value).toBe(`${bdf}: 1`);
    fake.setHealth(bdf, [
      { name: 'memory', severity: 'CRITICAL' },
      { name: 'power', severity: 9, reason: 'later' },
    ]);
    expect((await told.next()).value).toBe(`${bdf}: 3,9`);
    expect(fake.openStreams).toBe(1);
    await told.return();
    await expect.poll(() => fake.openStreams).toBe(0);
  });

  it.each([
    ['ok', 'end'],
    ['unavailable', 'told to fail'],
    ['internal', 'told to fail'],
  ] as const)('ends streams: %s', async (kind, expected) => {
    fake.setHealth(bdf, 'OK');
    const told = watch();
    await told.next();
    fake.endStreams(kind);
    expect((await told.next()).value).toContain(expected);
    expect(fake.openStreams).toBe(0);
  });

  it.each([
    ['fail', 'told to fail'],
    ['end', 'end'],
  ] as const)('can %s new streams', async (behaviour, expected) => {
    fake.behaviour = behaviour;
    expect((await watch().next()).value).toContain(expected);
    expect(fake.streamsOpened).toBe(1);
  });

  it('hangs, goes away, comes back, and still knows its cards', async () => {
    fake.setHealth(bdf, 'WARNING');
    fake.behaviour = 'hang';
    const silent = watch().next();
    await expect.poll(() => fake.streamsOpened).toBe(1);
    fake.stop();
    expect((await silent).value).toMatch(/Error/);
    expect((await watch().next()).value).toContain('ENOENT');
    fake.behaviour = 'answer';
    await fake.start();
    expect((await watch().next()).value).toBe(`${bdf}: 2`);
  });
});
