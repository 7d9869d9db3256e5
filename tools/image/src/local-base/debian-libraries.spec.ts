// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { debianPackages, librariesOf } from './debian-libraries.ts';

let folder: string;
const options = { cwd: '/', signal: new AbortController().signal };
const names = Object.keys(librariesOf);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kdp-'));
  await mkdir(join(folder, 'bin'));
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function program(name: string, ...lines: string[]): Promise<void> {
  await writeFile(join(folder, 'bin', name), ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(join(folder, 'bin', name), 0o755);
}

describe('debianPackages()', () => {
  it('takes those of this machine for its own architecture', async () => {
    await program('dpkg-query', 'echo "Package: $2"');
    const packages = await debianPackages('amd64', 'amd64', join(folder, 'cache'), options);
    expect(packages).toEqual(names.map((name) => ({ name, control: `Package: ${name}\n`, root: '/' })));
  });

  it('fetches those of another one once, with lists of its own', async () => {
    await program('dpkg-query', 'exit 0');
    await program(
      'apt-get',
      `echo "$*" >>${folder}/log`,
      `case "$*" in *download*) touch ${names.map((name) => `${name}_1_arm64.deb`).join(' ')};; esac`,
    );
    await program('dpkg-deb', '[ "$1" = --extract ] && mkdir "$3" || echo "Package: $2"');
    const cache = join(folder, 'cache');
    const packages = await debianPackages('arm64', 'amd64', cache, options);
    expect(packages.map(({ root }) => root)).toEqual(names.map((name) => join(cache, 'debian-arm64', name)));
    expect(packages[0]?.control).toMatch(/^Status: install ok installed\nPackage: .*libc6_1_arm64\.deb\n$/);
    expect(await debianPackages('arm64', 'amd64', cache, options)).toEqual(packages);
    const calls = (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n');
    expect(calls).toHaveLength(2);
    for (const call of calls) {
      expect(call).toContain(`-o Dir::State=${cache}/debian-arm64-`);
      expect(call).toContain('-o APT::Architecture=arm64');
    }
    expect(await readdir(cache)).toEqual(['debian-arm64']);
  });

  it('leaves nothing when apt fails, and says what it says', async () => {
    await program('dpkg-query', 'exit 0');
    await program('apt-get', 'echo "E: no network" >&2; exit 100');
    const cache = join(folder, 'cache');
    await expect(debianPackages('arm64', 'amd64', cache, options)).rejects.toThrow(
      'apt-get failed (exit code 100): E: no network',
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it('names the remedy where there is no Debian', async () => {
    vi.stubEnv('PATH', join(folder, 'bin'));
    await expect(debianPackages('amd64', 'amd64', folder, options)).rejects.toThrow('name an image with --base');
  });
});
