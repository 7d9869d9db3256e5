// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');
const simplePlugin = join(import.meta.dirname, '../../simple-plugin/src/main.ts');
const flags = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-metrics-bind-address', '0'];
const plugin = [process.execPath, simplePlugin, ...flags];
const idle = ['--resource', 'example.com/simple-device', '--only', 'LI-08', '--idle', '90', '--', ...plugin];

describe('kdp conformance', () => {
  let temporary: string;

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'kdp-'));
  });

  afterEach(async () => {
    await rm(temporary, { recursive: true });
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, [main, 'conformance', ...args], {
      env: { ...process.env, TMPDIR: temporary },
    });
    return { child, exited: once(child, 'close'), errors: text(child.stderr) };
  }

  it('ends without a word when nobody reads its list', async () => {
    const { child, exited, errors } = start('--list');
    child.stdout.destroy();
    expect(await exited).toEqual([0, null]);
    expect(await errors).toBe('');
  });

  it('says so when its output cannot be written, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const full = openSync('/dev/full', 'w');
    const only = ['--resource', 'example.com/simple-device', '--only', 'ST-03,LI', '--', ...plugin];
    const child = spawn(process.execPath, [main, 'conformance', ...only], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    assert(child.stderr !== null);
    const [ended, errors] = await Promise.all([once(child, 'close'), text(child.stderr)]);
    expect(errors).toMatch(
      /^cannot write to standard output: ENOSPC: no space left on device, write\n(interrupted, .*\n)?$/,
    );
    expect(ended).toEqual([1, null]);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('names the variable to set when there is no place for temporary files', async () => {
    const env = { ...process.env, TMPDIR: join(temporary, 'absent') };
    const child = spawn(process.execPath, [main, 'conformance', ...idle], { env });
    const [ended, errors] = await Promise.all([once(child, 'close'), text(child.stderr)]);
    expect(errors).toMatch(/^no temporary directory can be made in \S+; let the variable TMPDIR name .*\n$/);
    expect(ended).toEqual([1, null]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'says on %s what it has not examined, and leaves nothing behind',
    { timeout: 60_000 },
    async (signal) => {
      const { child, exited, errors } = start(...idle);
      child.stdout.resume();
      await expect.poll(async () => await readdir(temporary), { timeout: 30_000 }).not.toEqual([]);
      child.kill(signal);
      expect(await exited).toEqual([1, null]);
      expect(await errors).toBe('interrupted, 1 clause not examined\n');
      expect(await readdir(temporary)).toEqual([]);
    },
  );
});
