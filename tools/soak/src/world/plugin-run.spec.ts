// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PluginRun } from './plugin-run.ts';
import { cpuMs, openFileLimit, openFiles, residentMiB } from './proc.ts';

const probe = join(import.meta.dirname, 'probe.mjs');
/** Prints the time of day in each of the ways to ask for it, and a time that is given. */
const clock = `setInterval(() => console.error(JSON.stringify(
  [Date.now(), new Date().getTime(), Date.parse(Date()), new Date(5).getTime(), new Date() instanceof Date])), 10)`;

describe('PluginRun', () => {
  const runs: PluginRun[] = [];
  const lines: string[] = [];
  const run = (program: string): PluginRun => {
    lines.length = 0;
    const started = new PluginRun([`--import=${probe}`, '-e', program], {}, '/', (line) => lines.push(line));
    runs.push(started);
    return started;
  };

  afterEach(async () => {
    for (const started of runs.splice(0)) {
      started.signal('SIGKILL');
      await started.exited;
    }
  });

  it('shifts the time of day, and no other', async () => {
    const started = run(clock);
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    started.jumpClock(3_600_000);
    started.jumpClock(-600_000);
    const expected = (): number => Date.now() + 3_000_000;
    const last = (): unknown[] => JSON.parse(lines.at(-1) ?? '[]') as unknown[];
    await expect.poll(() => last()[0]).toBeGreaterThan(expected() - 60_000);
    const [now, created, written, given, isDate] = last();
    for (const time of [now, created, written]) expect(Math.abs(Number(time) - expected())).toBeLessThan(60_000);
    expect([given, isDate]).toEqual([5, true]);
  });

  it('tells what only the process knows, as often as it is asked', async () => {
    const started = run('setInterval(() => undefined, 1e6); setInterval(() => undefined, 1e6); console.error("up")');
    await expect.poll(() => lines).toEqual(['up']);
    const { signal } = new AbortController();
    const { heapBytes, handles } = await started.measure(signal);
    expect(heapBytes).toBeGreaterThan(2 ** 20);
    expect(handles).toBeGreaterThanOrEqual(2);
    expect((await started.measure(signal)).handles).toBe(handles);
    expect(openFiles(started.pid).length).toBeGreaterThan(3);
    expect(residentMiB(started.pid)).toBeGreaterThan(10);
    expect(cpuMs(started.pid)).toBeGreaterThan(0);
    expect(openFileLimit(started.pid)).toMatch(/^(\d+|unlimited)$/);
  });

  it('does not keep a process alive that has nothing to do, and tells how it ended', async () => {
    expect(await run('process.exitCode = 3').exited).toBe('exit code 3');
    const killed = run('setInterval(() => undefined, 1e6); console.error("up")');
    await expect.poll(() => lines).toEqual(['up']);
    killed.signal('SIGKILL');
    expect(await killed.exited).toBe('SIGKILL');
  });
});
