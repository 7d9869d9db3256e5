// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MeterKubelet } from '../src/meter/meter-kubelet.ts';

const tinyPlugin = join(import.meta.dirname, 'tiny-plugin.ts');

describe('MeterKubelet', () => {
  let directory: string;
  let kubelet: MeterKubelet;
  let plugin: ReturnType<typeof spawn>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    kubelet = new MeterKubelet(directory);
    await kubelet.open();
    plugin = spawn(process.execPath, [tinyPlugin, `-device-plugin-path=${directory}`], { stdio: 'inherit' });
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

  it('comes back without the sockets that were there', async () => {
    const backAtMs = await kubelet.restart(0);
    expect(await readdir(directory)).toEqual(['kubelet.sock']);
    await expect(kubelet.events.first({ kind: 'register', sinceMs: backAtMs }, 10)).rejects.toThrow('no registration');
  });
});
