// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { FakeKubelet } from '../src/index.ts';
import { describe, expect, it } from 'vitest';
import { red, Rig } from './rig.ts';

async function errorOfConnecting(path: string): Promise<unknown> {
  const socket = connect(path);
  const [error] = (await Promise.race([once(socket, 'error'), once(socket, 'connect')]).catch((e: unknown) => [
    e,
  ])) as unknown[];
  socket.destroy();
  return error;
}

describe('start()', () => {
  it('deletes sockets in the directory and keeps everything else', async () => {
    await using rig = await Rig.create();
    await rig.plugin({ endpoint: 'stale.sock' });
    await mkdir(join(rig.dir, 'sub'));
    await rig.plugin({ endpoint: 'sub/kept.sock' });
    await symlink('stale.sock', join(rig.dir, 'link.sock'));
    await symlink('absent', join(rig.dir, 'dangling'));
    await writeFile(join(rig.dir, 'kubelet_internal_checkpoint'), '{}');
    await rig.kubelet.restart('graceful');
    // The link goes or stays with the order in which the directory is read: what it names may be deleted before it.
    const names = (await readdir(rig.dir)).filter((name) => name !== 'link.sock');
    expect(names.toSorted()).toEqual(['dangling', 'kubelet.sock', 'kubelet_internal_checkpoint', 'sub']);
    expect(await readdir(join(rig.dir, 'sub'))).toEqual(['kept.sock']);
  });

  it('makes the directory', async () => {
    await using rig = await Rig.create();
    const dir = join(rig.dir, 'var', 'device-plugins');
    await using kubelet = new FakeKubelet({ dir });
    await kubelet.start();
    expect((await stat(dir)).mode & 0o777).toBe(0o750);
    expect((await stat(kubelet.socketPath)).isSocket()).toBe(true);
  });

  it('does nothing when the kubelet runs', async () => {
    await using rig = await Rig.create();
    await rig.kubelet.start();
    expect(rig.eventTypes()).toEqual(['started']);
  });

  it('refuses a directory whose socket no client could name', async () => {
    const kubelet = new FakeKubelet({ dir: `/tmp/${'x'.repeat(100)}` });
    await expect(kubelet.start()).rejects.toMatchObject({ code: 'SOCKET_PATH_TOO_LONG' });
  });

  it('rejects, and leaves nothing behind, when it cannot listen', async () => {
    await using rig = await Rig.create();
    const dir = join(rig.dir, 'other');
    await mkdir(join(dir, 'kubelet.sock'), { recursive: true });
    await expect(new FakeKubelet({ dir }).start()).rejects.toThrow('EADDRINUSE');
    expect(await readdir(dir)).toEqual(['kubelet.sock']);
  });
});

describe('stop()', () => {
  it('removes kubelet.sock, cancels streams and leaves the rest of the directory alone', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    await rig.kubelet.stop();
    expect((await readdir(rig.dir)).toSorted()).toEqual(['kubelet_internal_checkpoint', 'plugin.sock']);
    await expect.poll(() => plugin.cancelledStreams).toBe(1);
    expect(rig.kubelet.resources().get(red)).toMatchObject({ state: 'disconnected', capacity: 0, allocatable: 0 });
    expect(rig.eventTypes().at(-1)).toBe('stopped');
  });

  it('may be called twice, and does not delete the socket of another kubelet then', async () => {
    await using rig = await Rig.create();
    await rig.kubelet.stop();
    await using other = new FakeKubelet({ dir: rig.dir });
    await other.start();
    await rig.kubelet.stop();
    expect(await readdir(rig.dir)).toEqual(['kubelet.sock']);
  });

  it('cuts off a pod that waits for its plugin', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a'], { allocate: () => new Promise(() => undefined) });
    const pod = rig.kubelet.admit({ pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    const outcome = expect(pod).rejects.toThrow('code = Canceled');
    await expect.poll(() => rig.methods()).toContain('Allocate');
    await rig.kubelet.stop();
    await outcome;
  });
});

describe('a crash', () => {
  it('leaves a socket that refuses connections until the next start', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    const before = await stat(rig.kubelet.socketPath);
    await rig.kubelet.stop('crash');
    const socketsIn = async (dir: string): Promise<string[]> =>
      (await readdir(dir)).filter((name) => name.endsWith('.sock')).toSorted();
    expect(await socketsIn(rig.dir)).toEqual(['kubelet.sock', 'plugin.sock']);
    expect((await stat(rig.kubelet.socketPath)).ctimeMs).toBe(before.ctimeMs);
    expect(await errorOfConnecting(rig.kubelet.socketPath)).toMatchObject({ code: 'ECONNREFUSED' });
    await expect.poll(() => plugin.openStreams).toBe(0);
    await rig.kubelet.start();
    expect(await socketsIn(rig.dir)).toEqual(['kubelet.sock']);
    expect(await errorOfConnecting(rig.kubelet.socketPath)).toBeUndefined();
  });

  it('is cleaned up by a later stop()', async () => {
    await using rig = await Rig.create();
    await rig.kubelet.stop('crash');
    await rig.kubelet.stop();
    expect(await readdir(rig.dir)).toEqual([]);
  });
});

describe('restart()', () => {
  it.each(['graceful', 'crash'] as const)(
    'has plugins register anew, and pods keep their devices (%s)',
    async (kind) => {
      await using rig = await Rig.create();
      await rig.registered(['a', 'b']);
      const pod = { pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] } as const;
      const before = await rig.kubelet.admit(pod);
      await rig.kubelet.restart(kind, { downMs: 10 });
      expect(rig.eventTypes().slice(-3)).toEqual(['stopped', 'started', 'restarted']);
      expect(rig.kubelet.node()).toEqual({ capacity: { [red]: 0 }, allocatable: { [red]: 0 } });

      await rig.registered(['a', 'b'], { endpoint: 'again.sock' });
      expect(await rig.kubelet.admit(pod)).toEqual(before);
      expect(rig.kubelet.registrations(red)).toBe(2);
    },
  );

  it('does not start the kubelet again that was disposed while it was away', async () => {
    await using rig = await Rig.create();
    const restarting = expect(rig.kubelet.restart('crash', { downMs: 50 })).rejects.toThrow('has been disposed');
    await rig.kubelet[Symbol.asyncDispose]();
    await restarting;
    expect(await errorOfConnecting(rig.kubelet.socketPath)).toBeDefined();
    await expect(rig.kubelet.start()).rejects.toThrow('has been disposed');
  });
});
