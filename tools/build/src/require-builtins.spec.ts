// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireBuiltins } from './require-builtins.ts';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
});
afterEach(() => rm(root, { recursive: true }));

/** What a bundle of these files puts into `seen`, and the builtins that it asked for until then. */
async function run(files: Readonly<Record<string, string>>): Promise<{ seen: unknown; asked: string[] }> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['main.mjs'],
    bundle: true,
    platform: 'node',
    format: 'iife',
    plugins: [requireBuiltins],
    write: false,
  });
  const asked: string[] = [];
  const require = (id: string): unknown => {
    asked.push(id);
    return process.getBuiltinModule(id);
  };
  const scope: { seen?: unknown } = {};
  const bundle = runInThisContext(`(require,scope)=>{${outputFiles[0]?.text ?? ''}}`) as (...args: unknown[]) => void;
  bundle(require, scope);
  return { seen: scope.seen, asked };
}

describe('requireBuiltins', () => {
  it('asks for a builtin that is imported', async () => {
    const main = "import { sep } from 'node:path'; import { cpus } from 'node:os'; scope.seen = sep;";
    expect(await run({ 'main.mjs': main })).toEqual({ seen: '/', asked: ['node:path'] });
  });

  it('asks for zlib of grpc-js when something of it is used', async () => {
    const grpc = "const zlib = require('zlib'); exports.pack = (text) => zlib.gzipSync(text).length;";
    const files = { 'node_modules/@grpc/grpc-js/index.js': grpc };
    const unused = "import { pack } from '@grpc/grpc-js'; scope.seen = typeof pack;";
    expect(await run({ ...files, 'main.mjs': unused })).toEqual({ seen: 'function', asked: [] });
    const used = "import { pack } from '@grpc/grpc-js'; scope.seen = pack('') > 0;";
    expect(await run({ ...files, 'main.mjs': used })).toEqual({ seen: true, asked: ['node:zlib'] });
  });

  it('asks at once for zlib of anybody else', async () => {
    const other = "const { gzipSync } = require('zlib'); exports.pack = (text) => gzipSync(text).length;";
    const main = "import { pack } from 'other'; scope.seen = pack('') > 0;";
    const files = { 'node_modules/other/index.js': other, 'main.mjs': main };
    expect(await run(files)).toEqual({ seen: true, asked: ['node:zlib'] });
  });
});
