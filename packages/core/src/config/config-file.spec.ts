// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFile, maxConfigBytes } from './config-file.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const readConfigFile = (file: string): Promise<string | undefined> => new ConfigFile(file).readChange();

describe('ConfigFile', () => {
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

  it('reads again what has changed, in place or by a symlink on the way, and what has not only once', async () => {
    for (const [version, text] of [
      ['v1', 'a: 1'],
      ['v2', 'a: 2'],
      ['v3', 'a: 2'],
    ] as const) {
      await mkdir(join(directory, version));
      await writeFile(join(directory, version, 'config.yaml'), text);
    }
    const switchTo = async (version: string): Promise<void> => {
      await symlink(version, join(directory, '..data_tmp'));
      await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    await switchTo('v1');
    await symlink('..data/config.yaml', join(directory, 'config.yaml'));
    const file = new ConfigFile(join(directory, 'config.yaml'));
    expect(file.directory).toBe(directory);
    expect(await file.readChange()).toBe('a: 1');
    expect(await file.readChange()).toBeUndefined();
    await switchTo('v2');
    expect(await file.readChange()).toBe('a: 2');
    await switchTo('v3');
    expect(await file.readChange()).toBeUndefined();
    await writeFile(join(directory, 'v3', 'config.yaml'), 'a: 33');
    expect(await file.readChange()).toBe('a: 33');
  });

  it('tells once that the file is gone, and takes it for a change when it is back', async () => {
    const path = join(directory, 'config.yaml');
    const file = new ConfigFile(path);
    await writeFile(path, 'a: 1');
    expect(await file.readChange()).toBe('a: 1');
    await rm(path);
    await expect(file.readChange()).rejects.toMatchObject({ code: 'CONFIG_INVALID', cause: { code: 'ENOENT' } });
    expect(await file.readChange()).toBeUndefined();
    await writeFile(path, 'a: 1');
    expect(await file.readChange()).toBe('a: 1');
  });
});
