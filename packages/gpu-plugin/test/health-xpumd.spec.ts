// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Host, type DeviceInfo, type DeviceTree } from '@kube-device-plugins/core';
import { FakeXpumd, hostFixture, RecordingNotifier, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GpuPlugin } from '../src/plugin.ts';
import { gpuTree } from './fixtures/gpu-tree.ts';
import { optionsOf, type GivenFlags } from './fixtures/options.ts';

const bdf = '0000:00:00.0';

describe('GpuPlugin with xpumd', () => {
  let fixture: HostFixture;
  let socket: string;
  let xpumd: FakeXpumd;
  let stop: AbortController;
  let scanning: Promise<void>;

  beforeEach(async () => {
    fixture = await hostFixture(gpuTree({ 0: { bdf } }));
    socket = join(fixture.root, 'x.sock');
    xpumd = await FakeXpumd.start(socket);
    stop = new AbortController();
  });

  afterEach(async () => {
    stop.abort();
    await scanning;
    xpumd.stop();
    await fixture.dispose();
  });

  /** A plugin that by itself would scan once. */
  function start(flags: GivenFlags = {}): RecordingNotifier {
    const notifier = new RecordingNotifier();
    const options = optionsOf({ 'xpumd-endpoint': socket, scanPeriodMs: 3_600_000, ...flags });
    scanning = new GpuPlugin(new Host(fixture.root), options).scan(notifier, stop.signal);
    return notifier;
  }

  function device(tree: DeviceTree): DeviceInfo | undefined {
    return tree.resources.get('i915')?.get('card0-0');
  }

  it.each(['WARNING', 'CRITICAL'] as const)('A-G51, A-G52: takes a card that is %s for unhealthy', async (severity) => {
    xpumd.setHealth(bdf, severity);
    const tree = await start().waitFor((found) => device(found)?.health === 'Unhealthy');
    expect(device(tree)?.healthReason).toBe(`xpumd reports memory ${severity}`);
  });

  it('A-G53: takes a card of which xpumd has said nothing for healthy', async () => {
    const notifier = start();
    const tree = await notifier.waitFor(() => true);
    expect(device(tree)?.health).toBe('Healthy');
  });

  it('tells of a change at once, not with the next scan', async () => {
    xpumd.setHealth(bdf, 'OK');
    const notifier = start({ 'health-bad-readings': 1, 'health-good-readings': 1 });
    for (const [severity, health] of [
      ['CRITICAL', 'Unhealthy'],
      ['OK', 'Healthy'],
      ['FAILED', 'Unhealthy'],
    ] as const) {
      await expect.poll(() => xpumd.openStreams).toBe(1);
      xpumd.setHealth(bdf, severity);
      const next = notifier.waitFor((found) => device(found)?.health === health);
      expect(device(await next)?.health).toBe(health);
    }
  });
});
