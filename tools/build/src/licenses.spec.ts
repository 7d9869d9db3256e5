// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { licensesOf, packageFolder } from './licenses.ts';

describe('licensesOf()', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kdp-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  async function install(name: string, manifest: object, files: Readonly<Record<string, string>> = {}): Promise<void> {
    const folder = join(root, 'node_modules', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }));
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  }

  it('has name, licence and texts of each package once', async () => {
    await install('b', { license: 'MIT' }, { LICENSE: 'text of b', 'README.md': 'not this' });
    await install('@a/a', { license: 'ISC' }, { 'license.md': 'text of a', NOTICE: 'notice of a' });
    const text = await licensesOf(root, [
      'node_modules/b/x.js',
      'node_modules/b/y.js',
      'node_modules/@a/a/z.js',
      'packages/c.ts',
    ]);
    expect(text.match(/^(@a\/a|b) 1\.0\.0$/gm)).toEqual(['@a/a 1.0.0', 'b 1.0.0']);
    expect(text).toMatch(/License: ISC\n\nnotice of a\ntext of a[^]*License: MIT\n\ntext of b/);
    expect(text).not.toContain('not this');
  });

  it('refuses a package that names no licence', async () => {
    await install('b', {});
    await expect(licensesOf(root, ['node_modules/b/x.js'])).rejects.toThrow(
      'b is bundled, but its package.json names no licence',
    );
  });
});

describe('packageFolder()', () => {
  it.each([
    ['node_modules/a/lib/x.js', 'node_modules/a'],
    ['node_modules/@a/b/lib/x.js', 'node_modules/@a/b'],
    ['node_modules/a/node_modules/b/x.js', 'node_modules/a/node_modules/b'],
    ['packages/core/src/x.ts', undefined],
    ['left-out:@grpc/proto-loader', undefined],
  ])('of %s is %s', (input, folder) => {
    expect(packageFolder(input)).toBe(folder);
  });
});
