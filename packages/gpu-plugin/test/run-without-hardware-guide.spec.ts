// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const packageDirectory = join(import.meta.dirname, '..');
const guide = await readFile(join(packageDirectory, '../../docs/guides/run-without-hardware.md'), 'utf8');
const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

describe('docs/guides/run-without-hardware.md', () => {
  it('has one example', () => {
    expect(examples).toHaveLength(1);
  });

  it.each(examples)('has an example of GPUs that runs and leaves nothing behind', async (code) => {
    // In the package, so that imports resolve as for a user of it.
    const directory = await mkdtemp(join(packageDirectory, '.example-'));
    const temporary = join(directory, 't');
    try {
      await writeFile(join(directory, 'example.ts'), code);
      await mkdir(temporary);
      const env = { ...process.env, TMPDIR: temporary };
      await promisify(execFile)(process.execPath, ['example.ts'], { cwd: directory, env, timeout: 30_000 });
      expect(await readdir(temporary)).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
