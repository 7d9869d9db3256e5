// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxConfigBytes, readConfigFile } from './config-file.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('readConfigFile()', () => {
  it('reads through the symlinks that a ConfigMap consists of', async () => {
    await writeFile(join(directory, 'data'), 'ä: 1\n');
    await symlink('data', join(directory, 'config.yaml'));
    expect(await readConfigFile(join(directory, 'config.yaml'))).toBe('ä: 1\n');
  });

  it('refuses a file that is not there', async () => {
    const file = join(directory, 'missing.yaml');
    await expect(readConfigFile(file)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `${file}: cannot be read`,
      cause: { code: 'ENOENT' },
    });
  });

  it.each(['/dev/zero', tmpdir()])('refuses %s, which is no regular file', async (file) => {
    await expect(readConfigFile(file)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `${file}: is not a regular file`,
    });
  });

  it('reads up to 1 MiB and no byte more', async () => {
    const file = join(directory, 'large.yaml');
    await writeFile(file, '');
    await truncate(file, maxConfigBytes);
    expect(await readConfigFile(file)).toHaveLength(maxConfigBytes);
    await truncate(file, maxConfigBytes + 1);
    await expect(readConfigFile(file)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `${file}: has 1048577 bytes; at most 1048576 are read`,
    });
  });
});
