// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const packageDir = join(import.meta.dirname, '..');
const readme = await readFile(join(packageDir, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

describe('README.md', () => {
  it('has its five examples', () => {
    expect(examples).toHaveLength(5);
  });

  it.each(examples)('example %# runs, ends by itself and leaves nothing behind', async (code) => {
    // In the package, so that imports resolve as for a user of it.
    const dir = await mkdtemp(join(packageDir, '.example-'));
    const temporary = join(dir, 't');
    try {
      await writeFile(join(dir, 'example.ts'), code);
      await mkdir(temporary);
      const env = { ...process.env, TMPDIR: temporary };
      await promisify(execFile)(process.execPath, ['example.ts'], { cwd: dir, env, timeout: 15_000 });
      expect(await readdir(temporary)).toEqual([]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
