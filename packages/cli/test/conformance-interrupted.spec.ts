// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
