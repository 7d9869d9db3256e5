// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { appendFile, mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../../test/support/host-tree.ts';
import { inotifyInstances, watchesOn } from '../../test/support/inotify.ts';
import { logLines } from '../../test/support/log-lines.ts';
import { telemetry } from '../observe/telemetry.ts';
import { watchDirectory } from '../watch/directory-watcher.ts';
import { requestRescan, rescan, type RescanOptions } from './rescan.ts';

const never: RescanOptions = { everyMs: Infinity, watch: [] };

interface Loop {
  readonly abort: () => void;
  readonly done: Promise<void>;
  readonly runs: () => number;
}

/** Starts a loop, which is stopped when the test ends. */
function start(options: RescanOptions, task: (run: number) => Promise<void> = () => Promise.resolve()): Loop {
  const stop = new AbortController();
  let runs = 0;
  const done = rescan(options, stop.signal, () => task((runs += 1)));
  const abort = (): void => {
    stop.abort();
  };
  onTestFinished(async () => {
    abort();
    await done;
  });
  return { abort, done, runs: () => runs };
}

describe('rescan()', () => {
  it('starts the first run before it returns, and resolves on abort', async () => {
    const { runs, abort, done } = start(never);
    expect(runs()).toBe(1);
    abort();
    await expect(done).resolves.toBeUndefined();
    expect(runs()).toBe(1);
  });

  it('does nothing when it is aborted from the start', async () => {
    const task = vi.fn<() => Promise<void>>();
    await rescan(never, AbortSignal.abort(), task);
    expect(task).not.toHaveBeenCalled();
  });

  it('runs again in each period', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { runs, abort, done } = start({ everyMs: 5_000, watch: [] });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(runs()).toBe(1);
    await vi.advanceTimersByTimeAsync(10_001);
    expect(runs()).toBe(4);
    abort();
    await done;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs on request, also on one that comes during the run, and never twice at once', async () => {
    let running = 0;
    let most = 0;
    const { runs } = start(never, async (run) => {
      most = Math.max(most, (running += 1));
      if (run <= 2) requestRescan();
      await Promise.resolve();
      running -= 1;
    });
    await expect.poll(runs).toBe(3);
    requestRescan();
    await expect.poll(runs).toBe(4);
    expect(most).toBe(1);
  });

  it('asks every loop of the process', async () => {
    const loops = [start(never), start(never)];
    requestRescan();
    await expect.poll(() => loops.map(({ runs }) => runs())).toEqual([2, 2]);
  });

  it('waits for the current run on abort', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { abort, done } = start(never, () => promise);
    let isDone = false;
    void done.then(() => (isDone = true));
    abort();
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    resolve(undefined);
    await done;
  });

  it('logs a cause of failure once, counts each, and goes on', async () => {
    const lines = logLines();
    const [scans, errors] = [vi.spyOn(telemetry, 'scanFinished'), vi.spyOn(telemetry, 'scanFailed')];
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const outcomes = ['no sysfs', 'no sysfs', 'no debugfs', '', 'no debugfs', ''];
    const { runs } = start(never, (run) => {
      if (run < outcomes.length) requestRescan();
      const outcome = outcomes[run - 1];
      return outcome === '' ? Promise.resolve() : Promise.reject(new Error(outcome));
    });
    await expect.poll(runs).toBe(6);
    await expect.poll(() => scans.mock.calls.length).toBe(2);
    expect(errors.mock.calls.map(([, error]) => error)).toEqual([
      new Error('no sysfs'),
      new Error('no sysfs'),
      new Error('no debugfs'),
      new Error('no debugfs'),
    ]);
    const summary = lines.map((line) => /no \w+|works again/.exec(line)?.[0]);
    expect(summary).toEqual(['no sysfs', 'no debugfs', 'works again', 'no debugfs', 'works again']);
    for (const [durationMs] of [...scans.mock.calls, ...errors.mock.calls])
      expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  it('takes a failure after abort for the end', async () => {
    const lines = logLines();
    const stop = new AbortController();
    await rescan(never, stop.signal, () => {
      stop.abort();
      return Promise.reject(new Error('aborted'));
    });
    expect(lines).toEqual([]);
  });

  it('logs nothing for a run that works', async () => {
    const lines = logLines();
    const { runs } = start(never);
    requestRescan();
    await expect.poll(runs).toBe(2);
    expect(lines).toEqual([]);
  });

  it('runs again when the watch stands, and when an entry comes or goes', async () => {
    const directory = await temporaryDirectory();
    const { runs } = start({ everyMs: Infinity, watch: [directory] });
    await expect.poll(runs).toBe(2);
    await writeFile(join(directory, 'renderD128'), '');
    await expect.poll(runs).toBe(3);
    await unlink(join(directory, 'renderD128'));
    await expect.poll(runs).toBe(4);
  });

  it('asks after each run what to watch', async () => {
    const [first, second] = [await temporaryDirectory(), await temporaryDirectory()];
    const watched = [first];
    const { runs } = start({ everyMs: Infinity, watch: () => watched });
    await expect.poll(runs).toBe(2);
    watched.splice(0, 1, second);
    await writeFile(join(first, 'bus'), '');
    // One run for the file, and one because the watch of the other directory stands.
    await expect.poll(runs).toBe(4);
    expect([watchesOn(first), watchesOn(second)]).toEqual([0, 1]);
    await writeFile(join(second, 'device'), '');
    await expect.poll(runs).toBe(5);
  });

  it('does not run for a write', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'null'), '');
    const { runs } = start({ everyMs: Infinity, watch: [directory], debounceMs: 0 });
    await expect.poll(runs).toBe(2);
    const kinds: string[] = [];
    onTestFinished(watchDirectory(directory, ({ kind }) => void kinds.push(kind)));
    await appendFile(join(directory, 'null'), 'x');
    await expect.poll(() => kinds).toContain('change');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(runs()).toBe(2);
  });

  it('takes all entries of a new device in one run', async () => {
    const directory = await temporaryDirectory();
    const { runs } = start({ everyMs: Infinity, watch: [directory], debounceMs: 100 });
    await expect.poll(runs).toBe(2);
    for (const name of ['card0', 'card1', 'renderD128']) writeFileSync(join(directory, name), '');
    await expect.poll(runs).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(runs()).toBe(3);
  });

  it('runs within 15 ms of an event', async () => {
    const directory = await temporaryDirectory();
    let endedMs = 0;
    const { runs } = start({ everyMs: Infinity, watch: [directory] }, () => {
      endedMs = performance.now();
      return Promise.resolve();
    });
    await expect.poll(runs).toBe(2);
    const delayMs = async (): Promise<number> => {
      const before = runs();
      const startMs = performance.now();
      await mkdir(join(directory, `${before}`));
      await expect.poll(runs, { interval: 1 }).toBeGreaterThan(before);
      return endedMs - startMs;
    };
    // Polled, because the machine may be busy: what counts is that it can.
    await expect.poll(delayMs).toBeLessThan(15);
  });

  it('watches only after the first run, and until abort', async () => {
    const directory = await temporaryDirectory();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { abort, done } = start({ everyMs: Infinity, watch: [directory] }, () => promise);
    await new Promise(setImmediate);
    expect(inotifyInstances().flat()).toEqual([]);
    resolve(undefined);
    await expect.poll(() => watchesOn(directory)).toBe(1);
    abort();
    await done;
    await expect.poll(() => watchesOn(directory)).toBe(0);
  });

  it('moves its watch in each period when the directory is another one without any event', async () => {
    const root = await temporaryDirectory();
    const directory = join(root, 'dev/dri');
    await mkdir(directory, { recursive: true });
    start({ everyMs: 20, watch: [directory] });
    await expect.poll(() => watchesOn(directory)).toBe(1);
    await rename(join(root, 'dev'), join(root, 'old'));
    await mkdir(directory, { recursive: true });
    await expect.poll(() => watchesOn(directory)).toBe(1);
  });
});
