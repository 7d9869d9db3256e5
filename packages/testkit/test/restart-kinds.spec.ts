// SPDX-License-Identifier: Apache-2.0
import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RestartKind } from '../src/index.ts';
import { red, Rig } from './rig.ts';

const kinds: readonly RestartKind[] = [
  'graceful',
  'crash',
  'wipe-dir',
  'same-inode',
  'fast',
  'kubelet-sock-first',
  'twice-in-a-row',
];

const exists = async (path: string): Promise<boolean> =>
  await stat(path).then(
    () => true,
    () => false,
  );

describe('restart()', () => {
  it.each(kinds)('%s: deletes the plugins, ends their streams and takes them again', async (kind) => {
    await using rig = await Rig.create();
    const old = await rig.registered(['a'], { endpoint: 'old.sock' });
    await rig.kubelet.restart(kind, { gapMs: 5 });
    expect(await exists(join(rig.dir, 'old.sock'))).toBe(false);
    await expect.poll(() => old.openStreams).toBe(0);
    expect(rig.events.at(-1)).toEqual({ type: 'restarted', kind });
    expect(rig.kubelet.node()).toEqual({ capacity: { [red]: 0 }, allocatable: { [red]: 0 } });
    await rig.registered(['a', 'b'], { endpoint: 'new.sock' });
    expect(rig.kubelet.node()).toEqual({ capacity: { [red]: 2 }, allocatable: { [red]: 2 } });
  });

  it.each(kinds)('%s: starts a kubelet that does not run', async (kind) => {
    await using rig = await Rig.create();
    await rig.kubelet.stop();
    await rig.kubelet.restart(kind, { gapMs: 0 });
    await rig.registered(['a']);
  });

  it('wipe-dir: replaces the directory, checkpoint and all', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.admit({ pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    const before = await stat(rig.dir, { bigint: true });
    const restarted = rig.kubelet.restart('wipe-dir', { downMs: 100 });
    await expect.poll(() => exists(rig.dir)).toBe(false);
    await restarted;
    expect((await stat(rig.dir, { bigint: true })).ctimeNs).not.toBe(before.ctimeNs);
    expect(rig.kubelet.checkpoint()).toEqual({ PodDeviceEntries: [], RegisteredDevices: {} });
    expect(rig.kubelet.resources().get(red)).toMatchObject({ state: 'forgotten' });
  });

  it('same-inode: makes kubelet.sock anew with the inode that it had', async () => {
    await using rig = await Rig.create();
    const before = await stat(rig.kubelet.socketPath, { bigint: true });
    const restarted = rig.kubelet.restart('same-inode', { downMs: 50 });
    await expect.poll(() => exists(rig.kubelet.socketPath)).toBe(false);
    await restarted;
    const after = await stat(rig.kubelet.socketPath, { bigint: true });
    expect([after.dev, after.ino]).toEqual([before.dev, before.ino]);
    expect(after.ctimeNs).not.toBe(before.ctimeNs);
    await rig.kubelet.stop();
    expect(await exists(rig.kubelet.socketPath)).toBe(false);
  });

  it('fast: leaves no turn of the event loop between deletion and creation', async () => {
    await using rig = await Rig.create();
    const before = await stat(rig.kubelet.socketPath, { bigint: true });
    let isAway = false;
    const look = async (signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) isAway ||= !(await exists(rig.kubelet.socketPath));
    };
    const end = new AbortController();
    const looking = look(end.signal);
    await rig.kubelet.restart('fast', { downMs: 60_000 });
    end.abort();
    await looking;
    const after = await stat(rig.kubelet.socketPath, { bigint: true });
    expect(after.ctimeNs).toBeGreaterThan(before.ctimeNs);
    expect(isAway).toBe(false);
  });

  it('kubelet-sock-first: deletes the plugins after kubelet.sock is there', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a'], { endpoint: 'old.sock' });
    const restarted = rig.kubelet.restart('kubelet-sock-first', { downMs: 50 });
    await rig.kubelet.waitFor(() => rig.eventTypes().filter((type) => type === 'started').length === 2);
    expect(await exists(join(rig.dir, 'old.sock'))).toBe(true);
    expect(await exists(rig.kubelet.socketPath)).toBe(true);
    await restarted;
    expect(await exists(join(rig.dir, 'old.sock'))).toBe(false);
  });

  it('twice-in-a-row: is two restarts with a gap', async () => {
    await using rig = await Rig.create();
    const startMs = performance.now();
    await rig.kubelet.restart('twice-in-a-row', { gapMs: 60 });
    expect(performance.now() - startMs).toBeGreaterThan(50);
    const types = ['stopped', 'started', 'restarted'];
    expect(rig.eventTypes()).toEqual(['started', ...types, ...types, 'restarted']);
  });

  it('crash: leaves kubelet.sock where it is, and replaces it after downMs', async () => {
    await using rig = await Rig.create();
    const seen: string[] = [];
    const watcher = watch(rig.dir, (_, name) => seen.push(name ?? ''));
    const restarted = rig.kubelet.restart('crash', { downMs: 60 });
    await delay(20);
    expect(seen).toEqual([]);
    await restarted;
    await expect.poll(() => seen).toEqual(expect.arrayContaining(['kubelet.sock']));
    watcher.close();
  });

  it('leaves nothing open behind', async () => {
    await using rig = await Rig.create();
    const handles = (): number => process.getActiveResourcesInfo().length;
    const restart = async (): Promise<void> => {
      for (const kind of kinds) await rig.kubelet.restart(kind, { gapMs: 0 });
    };
    await restart();
    const before = handles();
    for (let round = 0; round < 20; round += 1) await restart();
    expect(handles()).toBeLessThanOrEqual(before + 2);
  });
});
