// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/support/host-tree.ts';
import { makeDirectory } from './make-directory.ts';

describe('makeDirectory()', () => {
  it('makes a directory and those above it, which everybody may read', async () => {
    const path = join(await temporaryDirectory(), 'run/cdi');
    await makeDirectory(path);
    for (const made of [path, join(path, '..')]) expect((await stat(made)).mode & 0o777).toBe(0o755);
  });

  it.each<[what: string, prepare: (path: string) => Promise<unknown>]>([
    ['a directory', (path) => mkdir(path)],
    ['a link to one', (path) => symlink('.', path)],
  ])('leaves %s as it is', async (_what, prepare) => {
    const path = join(await temporaryDirectory(), 'cdi');
    await prepare(path);
    await makeDirectory(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it.each<[what: string, prepare: (path: string) => Promise<unknown>, code: string]>([
    ['a file', (path) => writeFile(path, ''), 'EEXIST'],
    ['a link to nothing', (path) => symlink('nowhere', path), 'EEXIST'],
    ['a file above it', (path) => writeFile(join(path, '..'), ''), 'ENOTDIR'],
  ])('rejects for %s', async (what, prepare, code) => {
    const directory = await temporaryDirectory();
    const path = what.endsWith('above it') ? join(directory, 'run/cdi') : join(directory, 'cdi');
    await prepare(path);
    await expect(makeDirectory(path)).rejects.toMatchObject({ code });
  });

  // A process of its own: where the loop of Node.js is, nothing but SIGKILL ends it.
  it('ends where the parent is there and takes nothing, as /proc', async () => {
    const module = join(import.meta.dirname, 'make-directory.ts');
    const script = `import { makeDirectory } from ${JSON.stringify(module)};
      await makeDirectory('/proc/nope/cdi').catch((error) => console.log(error.code, error.path));`;
    const options = { timeout: 15_000, killSignal: 'SIGKILL' } as const;
    const run = promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', script], options);
    expect((await run).stdout).toBe('ENOENT /proc/nope\n');
  });
});
