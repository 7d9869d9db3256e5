// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Host, type DeviceTree, type Health } from '@kube-device-plugins/core';
import {
  FakeLevelZero,
  hostFixture,
  link,
  RecordingNotifier,
  type FixtureTree,
  type HostFixture,
} from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GpuPlugin } from '../src/plugin.ts';
import { gpuTree, temperatureFile } from './fixtures/gpu-tree.ts';
import { optionsOf, type GivenFlags } from './fixtures/options.ts';

const bdf = '0000:00:00.0';
let fixture: HostFixture;
let sidecar: FakeLevelZero;
let socket = '';
let stop: AbortController;
let scans: Promise<void>[] = [];

beforeEach(async () => {
  fixture = await hostFixture({});
  socket = join(fixture.root, 'l0.sock');
  sidecar = await FakeLevelZero.start(socket);
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await Promise.all(scans);
  scans = [];
  sidecar.stop();
  await fixture.dispose();
});

/** What a plugin with these flags finds. */
async function scan(tree: FixtureTree, flags: GivenFlags): Promise<RecordingNotifier> {
  await fixture.add(tree);
  const notifier = new RecordingNotifier();
  const options = optionsOf({ 'levelzero-socket': socket, scanPeriodMs: 100, ...flags });
  scans.push(new GpuPlugin(new Host(fixture.root), options).scan(notifier, stop.signal));
  return notifier;
}

function healthOf(tree: DeviceTree, id = 'card0-0'): Health | undefined {
  return tree.resources.get('i915')?.get(id)?.health;
}

const managed: GivenFlags = { 'health-management': true };
const one = gpuTree({ 0: { bdf } });

describe('GpuPlugin with a Level-Zero sidecar', () => {
  it('A-G21: takes a card for healthy whose device is no link', async () => {
    const device = 'sys/class/drm/card0/device';
    const tree = { [`${device}/vendor`]: '0x8086', [`${device}/drm/card0/dev`]: '226:0', 'dev/dri/card0': 'c 226:0' };
    sidecar.stop();
    const notifier = await scan(tree, managed);
    expect(healthOf(await notifier.waitFor(() => true))).toBe('Healthy');
  });

  it('A-G22: takes a card for healthy that the sidecar says is', async () => {
    const notifier = await scan({ ...one, 'sys/class/drm/extra': link('nothing') }, managed);
    expect(healthOf(await notifier.waitFor(() => true))).toBe('Healthy');
    await expect.poll(() => sidecar.calls.filter((call) => call.bdf === bdf).length).toBeGreaterThan(1);
    expect(notifier.trees.map((tree) => healthOf(tree))).not.toContain('Unhealthy');
  });

  it('A-G23: takes a card for healthy whose temperatures cannot be asked for', async () => {
    sidecar.behave('fail', 'GetDeviceTemperature');
    const notifier = await scan(one, managed);
    expect(healthOf(await notifier.waitFor(() => true))).toBe('Healthy');
  });

  it('A-G24: takes a card for unhealthy that the sidecar says is, with all its shares, and says why', async () => {
    sidecar.setCard(bdf, { busOk: false });
    const notifier = await scan(gpuTree({ 0: { bdf }, 1: {} }), { ...managed, 'shared-dev-num': 2 });
    const tree = await notifier.waitFor((each) => healthOf(each) === 'Unhealthy');
    expect(healthOf(tree, 'card0-1')).toBe('Unhealthy');
    expect(healthOf(tree, 'card1-0')).toBe('Healthy');
    expect(tree.resources.get('i915')?.get('card0-0')?.healthReason).toMatch(/bus/);
  });

  it('A-G25: takes a card for healthy while the sidecar does not answer', async () => {
    sidecar.behave('fail');
    const notifier = await scan(one, managed);
    expect(healthOf(await notifier.waitFor(() => true))).toBe('Healthy');
  });

  it('keeps the health of a card while the sidecar is away, and follows it when it is back', async () => {
    sidecar.setCard(bdf, { memoryOk: false });
    const notifier = await scan(one, managed);
    await notifier.waitFor((tree) => healthOf(tree) === 'Unhealthy');
    sidecar.stop();
    const seen = notifier.trees.length;
    await expect.poll(() => notifier.trees.length).toBeGreaterThan(seen + 3);
    expect(notifier.trees.slice(seen).map((tree) => healthOf(tree))).not.toContain('Healthy');
    sidecar.setCard(bdf, { memoryOk: true });
    await sidecar.start();
    await notifier.waitFor((tree) => healthOf(tree) === 'Healthy');
  });
});

describe('GpuPlugin with -health-source=sysfs', () => {
  it('takes a card for unhealthy while it is too hot, and another for healthy', async () => {
    const sensor = temperatureFile(0);
    const notifier = await scan(gpuTree({ 0: { celsius: 50 }, 1: { celsius: 50 } }), { 'health-source': 'sysfs' });
    expect(healthOf(await notifier.waitFor(() => true))).toBe('Healthy');
    await fixture.write(sensor, '101000');
    const hot = await notifier.waitFor((each) => healthOf(each) === 'Unhealthy');
    expect(healthOf(hot, 'card1-0')).toBe('Healthy');
    await fixture.write(sensor, '50000');
    await notifier.waitFor((each) => healthOf(each) === 'Healthy');
  });
});

describe('GpuPlugin in WSL', () => {
  const count = (tree: DeviceTree): number => tree.deviceTypeCount('dxg');

  it.each([[[0]], [[0, 1, 2, 3]]])('A-G26: publishes for the indices %j as many devices', async (indices) => {
    sidecar.indices = indices;
    const notifier = await scan({}, { wsl: true });
    const tree = await notifier.waitFor(() => true);
    expect([...(tree.resources.get('dxg')?.keys() ?? [])]).toEqual(indices.map((index) => `card${index}-0`));
    expect([...tree.resources.keys()]).toEqual(['dxg']);
  });

  it('keeps the devices while the sidecar does not answer, and shares them', async () => {
    sidecar.indices = [0, 1];
    const place = { 'dev/dxg': 'c 10:125', 'sys/dev/char/10:125': link('../../devices/virtual/misc/dxg') };
    const device = { 'sys/devices/virtual/misc/dxg/dev': '10:125' };
    const notifier = await scan({ ...place, ...device }, { wsl: true, 'shared-dev-num': 3 });
    expect(count(await notifier.waitFor(() => true))).toBe(6);
    const first = await notifier.next();
    expect(await notifier.next()).toBe(first);
    sidecar.stop();
    rmSync(socket, { force: true });
    sidecar.indices = [1];
    await sidecar.start();
    await notifier.waitFor((tree) => count(tree) === 3);
    expect(notifier.trees.map(count)).not.toContain(0);
  });
});
