// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lockedPackage } from './locked-package.ts';

let root: string;
let cache: string;
const options = { cwd: '/', signal: new AbortController().signal };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kdp-'));
  cache = join(root, 'cache');
  await mkdir(join(root, 'made/package'), { recursive: true });
  await mkdir(join(root, 'bin'));
  await writeFile(join(root, 'made/package/package.json'), '{"version":"1.2.3"}');
  await promisify(execFile)('tar', ['-czf', join(root, 'x.tgz'), '-C', join(root, 'made'), 'package']);
  // An npm that has this package and no other.
  const npm = [
    '[ "$5" = "@a/x@1.2.3" ] || exit 1',
    `cp ${root}/x.tgz "$4/a-x.tgz"`,
    `echo packed >>${root}/log`,
    'echo a-x.tgz',
  ];
  await writeFile(join(root, 'bin/npm'), `#!/bin/sh\n${npm.join('\n')}\n`);
  await chmod(join(root, 'bin/npm'), 0o755);
  vi.stubEnv('PATH', `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

async function lock(digest: string): Promise<void> {
  const packages = { 'node_modules/@a/x': { version: '1.2.3', integrity: `sha512-${digest}` } };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
}
async function digestOfPackage(): Promise<string> {
  return createHash('sha512')
    .update(await readFile(join(root, 'x.tgz')))
    .digest('base64');
}

describe('lockedPackage()', () => {
  it('takes the installed one', async () => {
    await mkdir(join(root, 'node_modules/@a/x'), { recursive: true });
    await writeFile(join(root, 'node_modules/@a/x/package.json'), '{}');
    expect(await lockedPackage(root, '@a/x', cache, options)).toBe(join(root, 'node_modules/@a/x'));
  });

  it('fetches one that is not installed, once', async () => {
    await lock(await digestOfPackage());
    const folder = await lockedPackage(root, '@a/x', cache, options);
    expect(await readFile(join(folder, 'package.json'), 'utf8')).toBe('{"version":"1.2.3"}');
    expect(await lockedPackage(root, '@a/x', cache, options)).toBe(folder);
    expect(await readFile(join(root, 'log'), 'utf8')).toBe('packed\n');
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('refuses another one than the lock says, and leaves nothing of it', async () => {
    await lock('AAAA');
    await expect(lockedPackage(root, '@a/x', cache, options)).rejects.toThrow('is not the one of package-lock.json');
    expect(await readdir(cache)).toEqual([]);
  });

  it('says that npm or the lock has none', async () => {
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: {} }));
    await expect(lockedPackage(root, '@a/x', cache, options)).rejects.toThrow('package-lock.json has no @a/x');
    const packages = { 'node_modules/b': { version: '1.0.0', integrity: 'sha512-AAAA' } };
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
    await expect(lockedPackage(root, 'b', cache, options)).rejects.toThrow('npm failed (exit code 1)');
  });
});
