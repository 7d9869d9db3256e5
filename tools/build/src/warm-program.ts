// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordCodeCache } from './code-cache.ts';

/** How a program is run while its cache is made. */
export interface WarmStart {
  /** Path of the Node that will run the program; a cache is of one version of it. */
  readonly node: string;
  /** What stands before the program, of which the first line may name Node. */
  readonly firstLine: string;
  /** Flags that a start needs beside those of every plugin. */
  readonly flags: readonly string[];
}

/** The line by which a bundle learns where it is: the one thing that a script cannot ask. */
export const importMetaBanner = 'const importMetaUrl=import.meta.url;';

/**
 * Writes a bundle to `folder` as a program that starts from what V8 has compiled for a start before: `main.mjs`, which loads the other two,
 * `main.js` with the code, and `main.cache`.
 *
 * Node's own compile cache has of a module what is compiled before it runs, which is a quarter of what a start needs; the rest is parsed
 * and compiled anew in each. Of a script V8 gives out all that has run. Source: Node.js documentation, script.createCachedData().
 *
 * @returns bytes of the cache; undefined where the plugin does not start or does not stop in good order, and what is written is of no use.
 * @throws Error for a bundle that only works as a module.
 */
export async function writeWarmProgram(bundle: string, folder: string, start: WarmStart): Promise<number | undefined> {
  const main = join(folder, 'main.mjs');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'main.js'), scriptText(bundle), 'latin1');
  await writeFile(main, start.firstLine + launcher);
  await chmod(main, 0o755);
  return await recordCodeCache(start.node, main, start.flags);
}

/**
 * A bundle as a script: one function that is given the URL of the program. Each line keeps its number and its columns, so the source map
 * of the bundle holds. Bundles have no character above U+00FF, and as Latin-1 they are read without being decoded.
 *
 * @throws Error for a bundle that imports something or asks for `import.meta`: then it only works as a module.
 */
export function scriptText(bundle: string): string {
  const body = bundle
    .replace(/^#!.*\n/, '\n')
    .replace(/\n\/\/# sourceMappingURL=[^\n]*\n?$/, '\n')
    .replace(importMetaBanner, '');
  if (/(^|;)import\b|[^\w$.]import\s*[.(]/m.test(body))
    throw new Error('the bundle imports something, so it is no script');
  return `(async importMetaUrl=>{"use strict";${body}\n})`;
}

/** Without a cache, or with one of another Node, V8 compiles as ever. */
const launcher = `const {readFileSync}=process.getBuiltinModule('node:fs'),{Script}=process.getBuiltinModule('node:vm');
let cachedData;
try{cachedData=readFileSync(import.meta.dirname+'/main.cache')}catch{}
const script=new Script(readFileSync(import.meta.dirname+'/main.js','latin1'),{filename:import.meta.url,cachedData});
cachedData=undefined;
await script.runInThisContext()(import.meta.url);
`;
