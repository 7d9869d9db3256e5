// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { mkdir, open, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TempDir } from '../../test/temp-dir.ts';
import { isSameFile } from './file-identity.ts';
import { KubeletDirectory } from './kubelet-directory.ts';

/** Runs a test while the directory is watched; hands it what the watch ends with. */
async function whileWatching(
  directory: KubeletDirectory,
  test: (watching: Promise<void>) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const watching = directory.watch(controller.signal);
  watching.catch(() => undefined);
  await test(watching).finally(() => {
    controller.abort();
  });
  await watching.catch(() => undefined);
}

describe('KubeletDirectory', () => {
  it('knows where kubelet.sock is, and which one it is', async () => {
    await using dir = await TempDir.create();
    const directory = new KubeletDirectory(dir.path);
    expect(directory.kubeletSocket).toBe(dir.join('kubelet.sock'));
    expect(directory.kubeletIdentity()).toBeUndefined();
    await writeFile(dir.join('kubelet.sock'), '');
    const identity = directory.kubeletIdentity();
    expect(identity).toBeDefined();
    await writeFile(dir.join('next'), '');
    await rename(dir.join('next'), dir.join('kubelet.sock'));
    expect(isSameFile(identity, directory.kubeletIdentity())).toBe(false);
  });

  it('tells of changes within much less than its poll of two seconds', async () => {
    await using dir = await TempDir.create();
    const directory = new KubeletDirectory(dir.path);
    let heard = 0;
    directory.subscribe(() => heard++);
    await whileWatching(directory, async () => {
      // The second time is that of the watch, which is ready then.
      await expect.poll(() => heard).toBeGreaterThanOrEqual(2);
      const delaysMs: number[] = [];
      for (let i = 0; i < 5; i++) {
        const before = heard;
        const startMs = performance.now();
        await writeFile(dir.join(`file${i}`), '');
        await expect.poll(() => heard, { interval: 1 }).toBeGreaterThan(before);
        delaysMs.push(performance.now() - startMs);
      }
      expect(Math.min(...delaysMs)).toBeLessThan(500);
    });
  });

  it('tells every two seconds even when nothing happens, and nobody who has left', async () => {
    await using dir = await TempDir.create();
    const directory = new KubeletDirectory(dir.path);
    let heard = 0;
    let left = 0;
    directory.subscribe(() => heard++);
    directory.subscribe(() => left++)();
    await whileWatching(directory, async () => {
      await expect.poll(() => heard).toBeGreaterThanOrEqual(3);
      expect(left).toBe(0);
    });
  });

  it('goes on when the directory is replaced, is late or stays away', async () => {
    await using dir = await TempDir.create();
    const directory = new KubeletDirectory(dir.join('plugins'));
    const identities = new Set<bigint | undefined>();
    directory.subscribe(() => identities.add(directory.kubeletIdentity()?.ctimeNs));
    await whileWatching(directory, async () => {
      await expect.poll(() => identities.has(undefined)).toBe(true);
      for (let i = 1; i <= 3; i++) {
        await mkdir(dir.join('plugins'));
        await writeFile(dir.join('plugins', 'kubelet.sock'), '');
        await expect.poll(() => identities.size).toBe(i + 1);
        await rm(dir.join('plugins'), { recursive: true });
      }
    });
  });

  it('tells apart that something happens in the directory and that it is another one', async () => {
    await using dir = await TempDir.create();
    const directory = new KubeletDirectory(dir.join('plugins'));
    let changes = 0;
    let others = 0;
    directory.subscribe(() => changes++);
    directory.onReplaced(() => others++);
    directory.onReplaced(() => others++)();
    await whileWatching(directory, async () => {
      await mkdir(dir.join('plugins'));
      await expect.poll(() => others).toBe(1);
      const before = changes;
      await writeFile(dir.join('plugins', 'file'), '');
      await expect.poll(() => changes).toBeGreaterThan(before);
      expect(others).toBe(1);
      await rename(dir.join('plugins'), dir.join('old'));
      await expect.poll(() => others).toBe(2);
      await mkdir(dir.join('plugins'));
      await expect.poll(() => others).toBe(3);
    });
  });

  it('tells of many events at once as of one', async () => {
    await using dir = await TempDir.create();
    const directory = new KubeletDirectory(dir.path);
    let heard = 0;
    directory.subscribe(() => heard++);
    await whileWatching(directory, async () => {
      await expect.poll(() => heard).toBeGreaterThanOrEqual(2);
      const before = heard;
      // Synchronous, so that all of them lie in the queue of inotify before the first one is read.
      for (let i = 0; i < 500; i++) writeFileSync(dir.join(`file${i}`), '');
      await expect.poll(() => heard).toBeGreaterThan(before);
      await writeFile(dir.join('kubelet.sock'), '');
      expect(heard - before).toBeLessThan(100);
    });
  });

  it('gives up a directory that was deleted under its mount: nothing can ever appear in it', async () => {
    await using dir = await TempDir.create();
    await mkdir(dir.join('plugins'));
    await using handle = await open(dir.join('plugins'));
    // The directory that is open, whatever has its name: as a bind mount of it in a container.
    const directory = new KubeletDirectory(`/proc/self/fd/${handle.fd}`);
    await whileWatching(directory, async (watching) => {
      let heard = 0;
      directory.subscribe(() => heard++);
      await expect.poll(() => heard).toBeGreaterThan(0);
      await rmdir(dir.join('plugins'));
      await expect(watching).rejects.toMatchObject({
        code: 'PLUGIN_DIR_DELETED',
        message: expect.stringContaining('started again') as string,
      });
    });
  });

  it('does not take a dangling link for a deleted directory', async () => {
    await using dir = await TempDir.create();
    await symlink(dir.join('later'), dir.join('plugins'));
    const directory = new KubeletDirectory(dir.join('plugins'));
    let heard = 0;
    directory.subscribe(() => heard++);
    await whileWatching(directory, async () => {
      await expect.poll(() => heard).toBeGreaterThanOrEqual(2);
      await mkdir(dir.join('later'));
      await writeFile(dir.join('later', 'kubelet.sock'), '');
      await expect.poll(() => directory.kubeletIdentity()).toBeDefined();
    });
  });

  it('resolves when it is aborted, also before', async () => {
    await using dir = await TempDir.create();
    const controller = new AbortController();
    const watching = new KubeletDirectory(dir.path).watch(controller.signal);
    controller.abort();
    await expect(watching).resolves.toBeUndefined();
    await expect(new KubeletDirectory(dir.path).watch(AbortSignal.abort())).resolves.toBeUndefined();
  });
});
