// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCdiDisk } from './cdi-disk.ts';

describe('openCdiDisk()', () => {
  let root: string;
  let directory: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kdp-'));
    directory = join(root, 'cdi');
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true });
  });

  /** Writes, as far as it can, in each state. */
  async function causes(): Promise<{ how: string; full: string | undefined; names: string[]; text: string }> {
    await using disk = await openCdiDisk(directory);
    const spec = join(directory, 'spec.yaml');
    await writeFile(spec, 'before');
    await disk.fill();
    const full = await writeFile(spec, 'x'.repeat(10_000)).then(
      () => undefined,
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    );
    await disk.empty();
    await writeFile(spec, 'after');
    return { how: disk.how, full, names: await readdir(directory), text: await readFile(spec, 'utf8') };
  }

  it('is a file system of its own that can be full', async ({ skip }) => {
    const { how, ...found } = await causes();
    if (!how.includes('ENOSPC')) skip('no tmpfs can be mounted here');
    expect(found).toEqual({ full: 'ENOSPC', names: ['spec.yaml'], text: 'after' });
    // It is not mounted any more.
    expect(await readdir(directory)).toEqual([]);
  });

  it('is a directory that a file takes the place of where nothing can be mounted', async () => {
    vi.stubEnv('PATH', root);
    const { how, ...found } = await causes();
    expect(how).toContain('ENOTDIR');
    expect(found).toEqual({ full: 'ENOTDIR', names: ['spec.yaml'], text: 'after' });
  });
});
