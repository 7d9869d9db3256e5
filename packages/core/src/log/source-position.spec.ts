// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapPositions, sourcePosition } from './source-position.ts';

const run = promisify(execFile);

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterAll(() => rm(directory, { recursive: true }));

describe('sourcePosition()', () => {
  /** Line 1 is empty, line 2 comes from line 3 of a.ts, line 3 is not ours, line 4 has no entry at all. */
  const map = { version: 3, sources: ['src/a.ts'], names: [], mappings: ';EAEE;A;' };

  async function bundle(name: string, content: string): Promise<string> {
    const file = join(directory, name);
    await writeFile(`${file}.map`, content);
    return file;
  }

  it('finds the source by the map beside the bundle', async () => {
    const file = await bundle('main.mjs', JSON.stringify(map));
    expect(sourcePosition({ file, line: 2, column: 3 })).toEqual({ file: 'src/a.ts', line: 3, column: 3 });
    expect(sourcePosition({ file: pathToFileURL(file).href, line: 2, column: 9 })).toMatchObject({
      file: 'src/a.ts',
      line: 3,
    });
  });

  it('finds it by an index map as well', async () => {
    const sections = [{ offset: { line: 1, column: 0 }, map }, { offset: { line: 9, column: 0 } }];
    const file = await bundle('index.mjs', JSON.stringify({ version: 3, sections }));
    expect(sourcePosition({ file, line: 3, column: 3 })).toMatchObject({ file: 'src/a.ts', line: 3 });
    expect(sourcePosition({ file, line: 2, column: 3 })).toEqual({ file, line: 2, column: 3 });
  });

  it.each([
    ['in front of the first entry', 1],
    ['of a library', 3],
    ['on a line without an entry', 4],
  ])('leaves a place %s as it is', async (_name, line) => {
    const file = await bundle('main.mjs', JSON.stringify(map));
    expect(sourcePosition({ file, line, column: 9 })).toEqual({ file, line, column: 9 });
  });

  it.each([
    ['is no JSON', '{'],
    ['is no map', '[]'],
    ['is nothing', 'null'],
  ])('leaves a place as it is when the map %s', async (name, content) => {
    const file = await bundle(`${name}.mjs`, content);
    expect(sourcePosition({ file, line: 1, column: 1 })).toEqual({ file, line: 1, column: 1 });
  });

  it('leaves a place as it is without a map, and with one that is far too large', async () => {
    const missing = { file: join(directory, 'missing.mjs'), line: 1, column: 1 };
    expect(sourcePosition(missing)).toEqual(missing);
    const file = await bundle('large.mjs', JSON.stringify(map));
    await truncate(`${file}.map`, 300 * 1024);
    expect(sourcePosition({ file, line: 2, column: 3 })).toEqual({ file, line: 2, column: 3 });
  });
});

describe('mapPositions()', () => {
  it('replaces the places in a line of a stack', async () => {
    const file = join(directory, 'stack.mjs');
    await writeFile(`${file}.map`, JSON.stringify({ version: 3, sources: ['a.ts'], names: [], mappings: 'AAEA' }));
    expect(mapPositions(`    at run (${pathToFileURL(file).href}:1:4)`)).toBe('    at run (a.ts:3:1)');
    expect(mapPositions(`    at async ${file}:1:4`)).toBe('    at async a.ts:3:1');
    expect(mapPositions('    at node:internal/timers:1:2')).toBe('    at node:internal/timers:1:2');
    expect(mapPositions('    at /src/a.ts:1:2')).toBe('    at /src/a.ts:1:2');
  });
});

describe('a bundle', () => {
  const source = `import { configureLog, log } from '${join(import.meta.dirname, 'log.ts')}';
import { defaultKlogSettings } from '${join(import.meta.dirname, 'klog-settings.ts')}';
import { loadLineFormat } from '${join(import.meta.dirname, 'line-format.ts')}';

log.info('place');
configureLog({ klog: { ...defaultKlogSettings, vmodule: [{ pattern: 'entry', level: 2 }] } });
log.v(2).info('verbose');
configureLog({ lines: await loadLineFormat(process.argv[2] === 'json' ? 'json' : 'text') });
log.error('last words', { error: new Error('broken') });
process.kill(process.pid, 'SIGKILL');
`;

  beforeAll(async () => {
    await writeFile(join(directory, 'entry.ts'), source);
    const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    await build({
      entryPoints: [join(directory, 'entry.ts')],
      outfile: join(directory, 'bundle.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      sourcemap: 'external',
      sourcesContent: false,
      banner: { js: banner },
    });
  });

  async function linesOf(file: string, ...args: string[]): Promise<string> {
    const failed: unknown = await run(process.execPath, [join(directory, file), ...args]).catch(
      (error: unknown) => error,
    );
    return String((failed as { stderr: unknown }).stderr);
  }

  it.each(['entry.ts', 'bundle.mjs'])('names the places in the sources, also run as %s', async (file) => {
    const text = await linesOf(file);
    expect(text).toMatch(
      /^I\d{4} [\d:.]+ +\d+ entry\.ts:5\] place\nI.* entry\.ts:7\] verbose\nE.* entry\.ts:9\] "last words" error="broken" stack=</,
    );
    expect(text).toMatch(/\n\t {4}at (?:[^\n]*\/)?entry\.ts:9:34\n/);
    expect(text.endsWith('\n >\n')).toBe(true);
  });

  it.each(['entry.ts', 'bundle.mjs'])('prints JSON, also run as %s', async (file) => {
    const text = await linesOf(file, 'json');
    expect(JSON.parse(text.trimEnd().split('\n')[2] ?? '')).toMatchObject({
      level: 50,
      caller: 'entry.ts:9',
      msg: 'last words',
    });
  });

  it('names its own places when it has no map', async () => {
    await writeFile(join(directory, 'alone.mjs'), await readFile(join(directory, 'bundle.mjs')));
    expect(await linesOf('alone.mjs')).toMatch(/^I.* alone\.mjs:\d+\] place\nE.* alone\.mjs:\d+\] "last words" /);
  });
});
