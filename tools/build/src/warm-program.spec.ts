// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { importMetaBanner, scriptText, writeWarmProgram } from './warm-program.ts';

const bundle = (code: string): string =>
  `#!/usr/bin/env node\n${importMetaBanner}const a=1;\n${code}\n//# sourceMappingURL=main.mjs.map\n`;

async function run(text: string, url: string): Promise<void> {
  await (runInThisContext(text, { filename: 'main.mjs' }) as (url: string) => Promise<void>)(url);
}

describe('scriptText()', () => {
  it('makes a function of the bundle that knows its URL and may wait', async () => {
    await run(scriptText(bundle('globalThis.seen=[importMetaUrl,await Promise.resolve(a)];')), 'file:///a/main.mjs');
    expect(Reflect.get(globalThis, 'seen')).toEqual(['file:///a/main.mjs', 1]);
    Reflect.deleteProperty(globalThis, 'seen');
  });

  it('keeps each line where it is, for the source map', async () => {
    const failed = run(scriptText(bundle("const b=2;\nthrow new Error('here')")), '');
    await expect(failed).rejects.toHaveProperty('stack', expect.stringContaining('main.mjs:4:7'));
  });

  it('is as strict as a module', async () => {
    await expect(run(scriptText(bundle('undeclared=1;')), '')).rejects.toThrow(ReferenceError);
  });

  it.each(["import fs from'fs';", "a;import'fs';", 'await import("fs");', 'f(import.meta.dirname);'])(
    'refuses %s, which only works in a module',
    (code) => {
      expect(() => scriptText(bundle(code))).toThrow('imports something');
    },
  );

  it.each(['o.import();', 'important();', 'a.imports(1)'])('does not take %s for an import', (code) => {
    expect(scriptText(bundle(code))).toContain(code);
  });
});

describe('writeWarmProgram()', () => {
  it('says that a plugin does not start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kdp-'));
    const start = { node: process.execPath, firstLine: '', flags: [] };
    expect(await writeWarmProgram(bundle('process.exit(1)'), folder, start)).toBeUndefined();
    expect((await readdir(folder)).sort()).toEqual(['main.js', 'main.mjs']);
    await rm(folder, { recursive: true });
  });
});
