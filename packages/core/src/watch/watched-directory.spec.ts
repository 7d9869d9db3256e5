// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../../test/support/host-tree.ts';
import { watchesOn } from '../../test/support/inotify.ts';
import { logLines } from '../../test/support/log-lines.ts';
import { WatchedDirectory, type DirectoryEvent, type WatchLimits } from './watched-directory.ts';

function record(
  path: string,
  limits: WatchLimits,
): { readonly kinds: () => string[]; readonly watched: WatchedDirectory } {
  const events: DirectoryEvent[] = [];
  const watched = new WatchedDirectory(path, limits);
  onTestFinished(watched.join((event) => void events.push(event)));
  return { kinds: () => events.map(({ kind }) => kind), watched };
}

describe('WatchedDirectory', () => {
  it('rests from a noisy directory, says so once and comes back', async () => {
    const lines = logLines();
    const directory = await temporaryDirectory();
    const { kinds } = record(directory, { maxEventsPerSecond: 20, restMs: 100 });
    for (let rest = 1; rest <= 2; rest += 1) {
      await expect.poll(() => kinds().filter((kind) => kind === 'armed').length).toBeGreaterThanOrEqual(rest);
      await vi.waitFor(
        async () => {
          await makeNoise(directory);
          expect(watchesOn(directory)).toBe(0);
        },
        { timeout: 10_000 },
      );
    }
    await expect.poll(() => watchesOn(directory)).toBe(1);
    expect(lines.filter((line) => line.includes('too noisy'))).toHaveLength(1);
    expect(lines[0]).toContain(directory);
  });

  it('does not look again while it rests', async () => {
    const directory = await temporaryDirectory();
    const { kinds, watched } = record(directory, { maxEventsPerSecond: 0, restMs: 1_000_000 });
    logLines();
    await expect.poll(kinds).toEqual(['armed']);
    await writeFile(join(directory, 'x'), '');
    await expect.poll(() => watchesOn(directory)).toBe(0);
    await watched.check();
    expect(watchesOn(directory)).toBe(0);
  });

  it('goes on without a watch where the path cannot be looked at, and says so once for each cause', async () => {
    const lines = logLines();
    const directory = await temporaryDirectory();
    const loop = join(directory, 'loop');
    await symlink('loop', loop);
    const first = record(loop, { maxEventsPerSecond: 1_000, restMs: 20 });
    record(join(loop, 'dri'), { maxEventsPerSecond: 1_000, restMs: 20 });
    await expect.poll(() => lines).toHaveLength(1);
    expect(lines[0]).toMatch(/cannot watch.*ELOOP/s);
    await unlink(loop);
    await expect.poll(first.kinds).toContain('armed');
    expect(lines).toHaveLength(1);
  });

  it('ends a rest with the last listener', async () => {
    const directory = await temporaryDirectory();
    logLines();
    const watched = new WatchedDirectory(directory, { maxEventsPerSecond: 0, restMs: 10 });
    const kinds: string[] = [];
    const leave = watched.join(({ kind }) => void kinds.push(kind));
    await expect.poll(() => kinds).toEqual(['armed']);
    await writeFile(join(directory, 'x'), '');
    await expect.poll(() => watchesOn(directory)).toBe(0);
    leave();
    expect(watched.isClosed).toBe(true);
    await watched.check();
    expect(watchesOn(directory)).toBe(0);
  });

  it.each([
    ['ENOSPC', 'fs.inotify.max_user_watches'],
    ['EMFILE', 'fs.inotify.max_user_instances'],
  ])('names the limit behind %s, once', async (code, limit) => {
    const lines = logLines();
    const directory = await temporaryDirectory();
    const { kinds, watched } = record(directory, { maxEventsPerSecond: 1_000, restMs: 20 });
    await expect.poll(kinds).toEqual(['armed']);
    for (let times = 0; times < 2; times += 1) watched.onError(Object.assign(new Error(`${code}: no more`), { code }));
    expect(watchesOn(directory)).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(limit);
    await expect.poll(kinds).toEqual(['armed', 'armed']);
  });

  it('lives through a host without free inotify instances', async () => {
    const directory = await temporaryDirectory();
    const program = join(import.meta.dirname, '../../test/support/watch-without-files.ts');
    // A low hard limit, as Node.js raises the soft one: with all files open inotify_init1(2) gives EMFILE.
    const { stdout, stderr } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -n 64 && exec "$0" "$@"',
      process.execPath,
      program,
      directory,
    ]);
    expect(stdout).toBe('armed again\n');
    expect(stderr.match(/cannot watch/g)).toHaveLength(1);
    expect(stderr).toContain('fs.inotify.max_user_instances');
  });
});

async function makeNoise(directory: string): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    await writeFile(join(directory, `${i}`), '');
    await unlink(join(directory, `${i}`));
  }
}
