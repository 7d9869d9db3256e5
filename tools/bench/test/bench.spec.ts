// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');
const tinyPlugin = join(import.meta.dirname, 'tiny-plugin.ts');

describe('npm run bench', () => {
  let directory: string;
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env: { ...process.env, TMPDIR: directory } });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('prints a table, writes every figure and leaves nothing behind', async () => {
    const json = join(directory, 'figures.json');
    const peer = `tiny='${process.execPath}' ${tinyPlugin} -device-plugin-path={dir}`;
    const { status, stdout, stderr } = run(
      '--quick',
      '--only',
      'start',
      '--plugin',
      tinyPlugin,
      '--peer',
      peer,
      '--json',
      json,
    );
    expect(stderr).toContain('start 2/2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/start → Register +ms +≤ 60 +[\d.,]+ \[.+\] (ok|MISS) .+×/);
    expect(stdout).toContain('QUICK');
    expect(await readdir(directory)).toEqual(['figures.json']);
    const figures = JSON.parse(await readFile(json, 'utf8')) as { key: string; figures: Record<string, number[]> }[];
    expect(figures.find(({ key }) => key === 'start.register')?.figures['tiny']).toHaveLength(2);
  });

  it('ends with 1 when the plugin does not start, and says what it said', () => {
    const { status, stdout, stderr } = run(
      '--quick',
      '--only',
      'start',
      '--plugin',
      join(import.meta.dirname, 'meter.spec.ts'),
    );
    expect(status).toBe(1);
    expect(stdout).toContain('failed: plain ended (1)');
    expect(stderr).toContain('vitest');
  });

  it('ends with 2 for a wrong command line', () => {
    expect(run('--only', 'nothing').status).toBe(2);
    expect(run('--plugin', join(directory, 'absent.mjs'))).toMatchObject({ status: 2 });
  });

  it('cleans up after Ctrl-C', async () => {
    const bench = spawn(process.execPath, [main, '--only', 'start', '--plugin', tinyPlugin], {
      env: { ...process.env, TMPDIR: directory },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    for await (const chunk of bench.stderr) if (String(chunk).includes('start 1/')) break;
    const exited = once(bench, 'exit');
    bench.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
    expect(await readdir(directory)).toEqual([]);
  });
});
