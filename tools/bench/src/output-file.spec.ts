// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOutputFile } from './output-file.ts';

describe('checkOutputFile()', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('takes a file that can be made, without making it, and one of the working directory', async () => {
    checkOutputFile('--json', join(directory, 'f'));
    checkOutputFile('--svg', 'growth.svg');
    checkOutputFile('--svg', undefined);
    expect(await readdir(directory)).toEqual([]);
  });

  it('refuses a directory, and a file in none, and says why', () => {
    expect(() => checkOutputFile('--json', directory)).toThrow(/^--json .* cannot be written: it is a directory; name/);
    expect(() => checkOutputFile('--svg', join(directory, 'none/f'))).toThrow(
      /^--svg .* cannot be written: ENOENT.*; name a file in a directory that is there$/,
    );
  });
});
