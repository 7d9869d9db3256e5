// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clockMs } from '../src/meter/clock.ts';
import { MeterKubelet } from '../src/meter/meter-kubelet.ts';
import { RestartingKubelet } from '../src/meter/restarting-kubelet.ts';

const tinyPlugin = join(import.meta.dirname, 'tiny-plugin.ts');

function startTinyPlugin(directory: string) {
  return spawn(process.execPath, [tinyPlugin, `-device-plugin-path=${directory}`], { stdio: 'inherit' });
}

describe('MeterKubelet', () => {
  let directory: string;
  let kubelet: MeterKubelet;
  let plugin: ReturnType<typeof spawn>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    kubelet = new MeterKubelet(directory);
    await kubelet.open();
    plugin = startTinyPlugin(directory);
  });

  afterAll(async () => {
    plugin.kill();
    await once(plugin, 'exit');
    await kubelet.close();
    await rm(directory, { recursive: true });
  });

  it('takes a registration and opens a stream', async () => {
    const registeredAtMs = await kubelet.events.first({ kind: 'register', sinceMs: 0 }, 10_000);
    const listedAtMs = await kubelet.events.first({ kind: 'list', sinceMs: registeredAtMs, healthy: 4 }, 10_000);
    expect(listedAtMs).toBeGreaterThan(registeredAtMs);
  });

  it('allocates, one at a time and many at once', async () => {
    const single = await kubelet.allocate(50, 1);
    expect(single.p50Us).toBeGreaterThan(0);
    expect(single.p99Us).toBeGreaterThanOrEqual(single.p50Us);
    const parallel = await kubelet.allocate(3_000, 64);
    expect(parallel.perSecond).toBeGreaterThan(0);
  });

  it('opens another stream', async () => {
    expect(await kubelet.relist()).toBeGreaterThan(0);
    expect(await kubelet.relist()).toBeGreaterThan(0);
  });

  it('opens many streams, and tells when each has told of so many devices', async () => {
    const { slowestMs, p50Ms, listBytes } = await kubelet.openStreams(10, 4, 10_000);
    expect(p50Ms).toBeGreaterThan(0);
    expect(slowestMs).toBeGreaterThanOrEqual(p50Ms);
    expect(listBytes).toBeGreaterThan(0);
    await expect(kubelet.toldStreams(3, 0, 10)).rejects.toThrow('0 of 10 streams have told of 3 healthy devices');
  });

  it('counts resources', async () => {
    expect(await kubelet.listedResources(1, 10_000)).toMatchObject({ registrations: 1 });
  });

  it('says what did not come', async () => {
    const awaited = { kind: 'register', sinceMs: clockMs() } as const;
    await expect(kubelet.events.first(awaited, 10)).rejects.toThrow('no registration within 0.01 s');
  });
});

describe('RestartingKubelet', () => {
  it('tells since when it listens again, and who registers then', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    const kubelet = new RestartingKubelet(directory);
    await kubelet.open();
    const startedMs = clockMs();
    const first = startTinyPlugin(directory);
    await kubelet.events.first({ kind: 'list', sinceMs: 0, healthy: 4 }, 10_000);
    const backAtMs = await kubelet.restart('graceful', 50);
    expect(backAtMs).toBeGreaterThanOrEqual(startedMs + 50);
    // This plugin does not follow the kubelet; a new one does.
    const second = startTinyPlugin(directory);
    const registeredAtMs = await kubelet.events.first({ kind: 'register', sinceMs: backAtMs }, 10_000);
    expect(registeredAtMs).toBeGreaterThan(backAtMs);
    for (const plugin of [first, second]) {
      plugin.kill();
      await once(plugin, 'exit');
    }
    await kubelet.close();
    await rm(directory, { recursive: true });
  });
});
