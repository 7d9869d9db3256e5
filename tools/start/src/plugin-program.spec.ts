// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPlugin } from './plugin-program.ts';
import { StartError } from './start-error.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kdp-'));
  await Promise.all(
    ['packages/gpu-plugin/src/main.ts', 'packages/simple-plugin/src/main.ts', 'mine/main.ts', 'colors.ts'].map(write),
  );
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function write(path: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), '');
}

describe('findPlugin()', () => {
  it.each([
    ['gpu-plugin', 'packages/gpu-plugin/src/main.ts', 'gpu-plugin', false],
    ['simple-plugin', 'packages/simple-plugin/src/main.ts', 'simple-plugin', true],
    ['{root}/packages/simple-plugin', 'packages/simple-plugin/src/main.ts', 'simple-plugin', true],
    ['{root}/packages/gpu-plugin/', 'packages/gpu-plugin/src/main.ts', 'gpu-plugin', false],
    ['{root}/packages/gpu-plugin/src/main.ts', 'packages/gpu-plugin/src/main.ts', 'gpu-plugin', false],
    ['{root}/mine', 'mine/main.ts', 'mine', false],
    ['{root}/colors.ts', 'colors.ts', 'colors', false],
  ])('takes %s for %s', async (given, file, name, isSimplePlugin) => {
    const found = await findPlugin(given.replace('{root}', root), root);
    expect(found).toEqual({ name, file: join(root, file), isSimplePlugin });
  });

  it('prefers the bundle, and knows it as the simple plugin too', async () => {
    await write('dist/simple-plugin/main.mjs');
    const file = join(root, 'dist/simple-plugin/main.mjs');
    expect(await findPlugin('simple-plugin', root)).toEqual({ name: 'simple-plugin', file, isSimplePlugin: true });
  });

  it.each(['nothing-plugin', '/nowhere/main.mjs', '..'])(
    'names the plugins there are in place of %s',
    async (given) => {
      await expect(findPlugin(given, root)).rejects.toThrow(
        new StartError(
          `there is no plugin ${given}: give the file of one, its folder, or one of gpu-plugin, simple-plugin`,
        ),
      );
    },
  );
});
