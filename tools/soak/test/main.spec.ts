// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../src/outcome.ts';

const main = join(import.meta.dirname, '../src/main.ts');
const brokenPlugin = join(import.meta.dirname, 'broken-plugin.ts');

describe('npm run soak', () => {
  let directory: string;
  const env = () => ({ ...process.env, TMPDIR: directory });
  const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env: env() });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('prints what it found, writes all of it, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const json = join(directory, 'found.json');
    const args = ['0.05', '--seed', '5', '--plugin', 'simple', '--program', brokenPlugin, '--json', json];
    const { status, stdout, stderr } = run(...args);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^simple-plugin: 0.05 min, seed 5\n/);
    expect(stdout).toMatch(/pods admitted: \d+; refused: /);
    expect(stdout).toMatch(/action +done +recovery p50 +p99 +max ms\n/);
    expect(stdout).toMatch(/allocatable-is-truth +[1-9]/);
    expect(status).toBe(0);
    expect(await readdir(directory)).toEqual(['found.json']);
    const [outcome] = JSON.parse(await readFile(json, 'utf8')) as Outcome[];
    expect(outcome).toMatchObject({ plugin: 'simple-plugin', seed: 5 });
    expect(outcome?.measured.length).toBeGreaterThan(0);
  });

  it(
    'ends with 1 and the seed when something does not hold, and keeps the log when asked',
    { timeout: 60_000 },
    async () => {
      const ends = join(import.meta.dirname, 'plugin-that-ends.mjs');
      const { status, stdout } = run('1', '--seed', '6', '--plugin', 'simple', '--program', ends, '--keep');
      expect(status).toBe(1);
      expect(stdout).toContain('simple-plugin: no-unasked-exit does not hold: ');
      expect(stdout).toContain('  seen      it ended: exit code 7\n');
      expect(stdout).toContain(`  again     npm run soak -- 1 --seed 6 --plugin simple --program ${ends}\n`);
      expect(stdout).toContain('the last that the plugin wrote:\n    this plugin only ends');
      const [, kept = ''] = /keeping (.+)/.exec(stdout) ?? [];
      expect(await readFile(join(kept, 'plugin.log'), 'utf8')).toBe('this plugin only ends\n');
    },
  );

  it.each([
    ['nobody reads on', undefined, /^$/],
    ['its output cannot be written', '/dev/full', /^npm run soak cannot write its output: ENOSPC: .*\n$/],
  ])('ends and cleans up when %s', { timeout: 60_000 }, async (_name, output, said) => {
    const args = [main, '5', '--plugin', 'simple', '--program', brokenPlugin];
    const file = output === undefined ? undefined : openSync(output, 'w');
    const soak = spawn(process.execPath, args, { env: env(), stdio: ['ignore', file ?? 'pipe', 'pipe'] });
    soak.stdout?.once('data', () => soak.stdout?.destroy());
    if (file !== undefined) closeSync(file);
    assert(soak.stderr !== null);
    const [ended, errors] = await Promise.all([once(soak, 'close'), text(soak.stderr)]);
    expect(errors).toMatch(said);
    expect(ended).toEqual([130, null]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('says before it begins that there is no place for what it is to write', () => {
    const json = join(directory, 'absent', 'found.json');
    expect(run('5', '--plugin', 'simple', '--program', brokenPlugin, '--json', json)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(`npm run soak: --json: ${json} cannot be written: ENOENT`) as string,
    });
    directory = join(directory, 'absent');
    const { status, stderr } = run('5', '--plugin', 'simple', '--program', brokenPlugin);
    directory = dirname(directory);
    expect(stderr).toMatch(/^npm run soak: no temporary directory can be made in .*TMPDIR/);
    expect(status).toBe(1);
  });

  it('ends with 2 for a wrong command line', () => {
    expect(run('--plugin', 'none')).toMatchObject({ status: 2, stdout: '' });
    expect(run('--plugin', 'simple', '--program', join(directory, 'absent.mjs')).stderr).toContain('npm run build');
    expect(run('--plugin', 'simple', '--program', directory)).toMatchObject({ status: 2, stdout: '' });
    expect(run('--help')).toMatchObject({ status: 0, stderr: '' });
  });

  it('shows what it found so far after Ctrl-C, and cleans up', { timeout: 60_000 }, async () => {
    const args = [main, '5', '--plugin', 'simple', '--program', brokenPlugin];
    const soak = spawn(process.execPath, args, { env: env(), stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    soak.stdout.setEncoding('utf8').on('data', (more: string) => (stdout += more));
    await expect.poll(() => stdout, { timeout: 40_000 }).toContain('round ');
    const closed = once(soak, 'close');
    soak.kill('SIGINT');
    expect(await closed).toEqual([130, null]);
    expect(stdout).toMatch(/rounds and \d+ actions in \d+ s, interrupted/);
    expect(await readdir(directory)).toEqual([]);
  });
});
