// SPDX-License-Identifier: Apache-2.0
import { appendFile, mkdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../test/support/host-tree.ts';
import { inotifyInstances, watchesOn } from '../../test/support/inotify.ts';
import { checkWatches, watchDirectory } from './directory-watcher.ts';
import type { DirectoryEvent } from './watched-directory.ts';

interface Recording {
  readonly events: DirectoryEvent[];
  readonly stop: () => void;
  /** Waits for the n-th time that the watch stands. */
  readonly armed: (times?: number) => Promise<void>;
  readonly names: (kind: DirectoryEvent['kind']) => (string | undefined)[];
}

function record(path: string): Recording {
  const events: DirectoryEvent[] = [];
  const stop = watchDirectory(path, (event) => void events.push(event));
  onTestFinished(stop);
  const names = (kind: DirectoryEvent['kind']): (string | undefined)[] =>
    events.filter((event) => event.kind === kind).map(({ name }) => name);
  return {
    events,
    stop,
    names,
    armed: (times = 1) => expect.poll(() => names('armed').length).toBeGreaterThanOrEqual(times),
  };
}

describe('watchDirectory()', () => {
  it('tells what comes, goes and is written to', async () => {
    const directory = await temporaryDirectory();
    const { events, armed, names } = record(directory);
    await armed();
    expect(events).toEqual([{ kind: 'armed', name: undefined }]);
    await writeFile(join(directory, 'renderD128'), '');
    await expect.poll(() => names('rename')).toContain('renderD128');
    await appendFile(join(directory, 'renderD128'), 'x');
    await expect.poll(() => names('change')).toContain('renderD128');
    events.length = 0;
    await unlink(join(directory, 'renderD128'));
    await expect.poll(() => events).toEqual([{ kind: 'rename', name: 'renderD128' }]);
  });

  it('tells of a removal long before the 100 ms that chokidar holds it back', async () => {
    const directory = await temporaryDirectory();
    const { armed, names } = record(directory);
    await armed();
    const delayMs = async (attempt: number): Promise<number> => {
      await writeFile(join(directory, `${attempt}`), '');
      await expect.poll(() => names('rename').filter((name) => name === `${attempt}`).length, { interval: 1 }).toBe(1);
      const startMs = performance.now();
      await unlink(join(directory, `${attempt}`));
      await expect.poll(() => names('rename').filter((name) => name === `${attempt}`).length, { interval: 1 }).toBe(2);
      return performance.now() - startMs;
    };
    let attempt = 0;
    // Polled, because the machine may be busy: what counts is that it can.
    await expect.poll(() => delayMs((attempt += 1))).toBeLessThan(50);
  });

  it('puts one inotify watch on a directory, however many files and listeners it has', async () => {
    const directory = await temporaryDirectory();
    for (let i = 0; i < 200; i += 1) await writeFile(join(directory, `${i}`), '');
    const recordings = [record(directory), record(`${directory}/`)];
    await Promise.all(recordings.map(({ armed }) => armed()));
    expect(inotifyInstances().flat()).toHaveLength(1);
    expect(watchesOn(directory)).toBe(1);
    recordings[0]?.stop();
    expect(watchesOn(directory)).toBe(1);
    recordings[1]?.stop();
    expect(watchesOn(directory)).toBe(0);
  });

  it('has one inotify instance for all directories, and stops each for itself', async () => {
    const outer = await temporaryDirectory();
    const inner = join(outer, 'dri');
    await mkdir(inner);
    const [outerWatch, innerWatch] = [record(outer), record(inner)];
    await Promise.all([outerWatch.armed(), innerWatch.armed()]);
    expect(inotifyInstances()).toHaveLength(1);
    outerWatch.stop();
    await writeFile(join(inner, 'card0'), '');
    await expect.poll(() => innerWatch.names('rename')).toEqual(['card0']);
    expect(outerWatch.names('rename')).toEqual([]);
  });

  it('tells a second listener that the watch stands', async () => {
    const directory = await temporaryDirectory();
    await record(directory).armed();
    const second = record(directory);
    await second.armed();
    expect(second.events).toEqual([{ kind: 'armed', name: undefined }]);
  });

  it('tells nobody who has stopped', async () => {
    const directory = await temporaryDirectory();
    const [first, second] = [record(directory), record(directory)];
    await Promise.all([first.armed(), second.armed()]);
    const third = record(directory);
    third.stop();
    second.stop();
    second.stop();
    await writeFile(join(directory, 'x'), '');
    await expect.poll(() => first.names('rename')).toEqual(['x']);
    expect(second.names('rename')).toEqual([]);
    expect(third.events).toEqual([]);
  });

  it('can be used again after the last stop, and stopped before it stands', async () => {
    const directory = await temporaryDirectory();
    record(directory).stop();
    const first = record(directory);
    await first.armed();
    first.stop();
    const second = record(directory);
    await second.armed();
    await writeFile(join(directory, 'x'), '');
    await expect.poll(() => second.names('rename')).toEqual(['x']);
    expect(watchesOn(directory)).toBe(1);
  });

  it('leaves nothing that keeps the process alive', async () => {
    const directory = await temporaryDirectory();
    const watch = record(directory);
    await watch.armed();
    expect(process.getActiveResourcesInfo()).not.toContain('FSEventWrap');
    watch.stop();
    expect(inotifyInstances().flat()).toEqual([]);
  });

  it('waits for a directory that is not there, without a watch on more than the nearest one above', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'dev/dri');
    const { armed, events, names } = record(directory);
    await armed();
    expect(watchesOn(root)).toBe(1);
    await writeFile(join(root, 'other'), '');
    await mkdir(join(root, 'dev'));
    await armed(2);
    expect(watchesOn(root)).toBe(0);
    await mkdir(directory);
    await armed(3);
    expect(watchesOn(directory)).toBe(1);
    expect(inotifyInstances().flat()).toHaveLength(1);
    await writeFile(join(directory, 'card0'), '');
    await expect.poll(() => names('rename')).toEqual(['card0']);
    expect(events.every(({ kind }) => kind !== 'change')).toBe(true);
  });

  it('waits for a directory in the place of a file', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'dri');
    await writeFile(directory, '');
    const { armed, names } = record(directory);
    await armed();
    await unlink(directory);
    await mkdir(directory);
    await expect.poll(() => watchesOn(directory)).toBe(1);
    await armed(2);
    await writeFile(join(directory, 'card0'), '');
    await expect.poll(() => names('rename')).toContain('card0');
  });

  it('waits below / as well', async () => {
    const { armed } = record('/nonexistent-directory/dri');
    await armed();
    expect(watchesOn('/')).toBe(1);
  });

  it('follows a directory that is deleted and made again', async () => {
    const directory = join(await temporaryDirectory(), 'dri');
    await mkdir(directory);
    const { armed, names } = record(directory);
    await armed();
    for (let round = 1; round <= 3; round += 1) {
      const timesArmed = names('armed').length;
      await rmdir(directory);
      await mkdir(directory);
      await armed(timesArmed + 1);
      await expect.poll(() => watchesOn(directory)).toBe(1);
      await writeFile(join(directory, `card${round}`), '');
      await expect.poll(() => names('rename')).toContain(`card${round}`);
      await unlink(join(directory, `card${round}`));
    }
    expect(names('rename')).toContain(basename(directory));
  });

  it('tells when the directory goes and when it is back', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'dri');
    await mkdir(directory);
    const { armed, names } = record(directory);
    await armed();
    await rmdir(directory);
    await expect.poll(() => names('rename')).toContain('dri');
    await expect.poll(() => watchesOn(root)).toBe(1);
    const timesArmed = names('armed').length;
    await mkdir(directory);
    await armed(timesArmed + 1);
    await expect.poll(() => watchesOn(directory)).toBe(1);
  });

  it('follows when the parent goes as well', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'a/b/c');
    await mkdir(directory, { recursive: true });
    const { armed } = record(directory);
    await armed();
    await rm(join(root, 'a'), { recursive: true });
    await expect.poll(() => watchesOn(root)).toBe(1);
    await mkdir(directory, { recursive: true });
    await expect.poll(() => watchesOn(directory)).toBe(1);
  });

  it('follows a directory that another one is moved over', async () => {
    const root = await temporaryDirectory();
    const [directory, next] = [join(root, 'dri'), join(root, 'next')];
    await mkdir(directory);
    await mkdir(next);
    const { armed } = record(directory);
    await armed();
    await rename(next, directory);
    await expect.poll(() => watchesOn(directory)).toBe(1);
  });
});

describe('checkWatches()', () => {
  it('leaves a watch where it is right', async () => {
    const directory = await temporaryDirectory();
    const { armed, events } = record(directory);
    await armed();
    await checkWatches();
    expect(events).toHaveLength(1);
  });

  it('moves a watch whose directory was replaced without any event', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'dev/dri');
    await mkdir(directory, { recursive: true });
    const { armed } = record(directory);
    await armed();
    await rename(join(root, 'dev'), join(root, 'old'));
    await mkdir(directory, { recursive: true });
    expect(watchesOn(directory)).toBe(0);
    await checkWatches();
    expect(watchesOn(directory)).toBe(1);
    expect(watchesOn(join(root, 'old/dri'))).toBe(0);
  });
});
