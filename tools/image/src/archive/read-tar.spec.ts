// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPart, readTar, type TarEntry } from './read-tar.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kdp-'));
  await mkdir(join(folder, 'tree'));
});
afterEach(() => rm(folder, { recursive: true }));

/** All of an archive with this content, or of a part of it. */
async function entriesOf(content: Uint8Array, offset = 0): Promise<(TarEntry & { text: string })[]> {
  const path = join(folder, 'read.tar');
  await writeFile(path, content);
  await using file = await open(path);
  const entries = [];
  for await (const entry of readTar(file, { offset, bytes: content.length - offset })) {
    const text = (await readPart(file, entry.offset, entry.bytes)).toString('utf8');
    entries.push({ ...entry, text });
  }
  return entries;
}

async function tar(...args: string[]): Promise<Buffer> {
  const file = join(folder, 'made.tar');
  await promisify(execFile)('tar', [...args, '-cf', file, '-C', join(folder, 'tree'), '.']);
  return await readFile(file);
}

describe('readTar()', () => {
  const long = `${'long-'.repeat(30)}name`;

  it.each(['gnu', 'posix', 'ustar'])('reads what tar writes in the format %s', async (format) => {
    const tree = join(folder, 'tree');
    await mkdir(join(tree, 'a/b'), { recursive: true });
    await writeFile(join(tree, 'a/b/file'), 'content\n', { mode: 0o755 });
    await writeFile(join(tree, 'a/empty'), '');
    await symlink('../b/file', join(tree, 'a/link'));
    const deep = join('d'.repeat(80), 'e'.repeat(80));
    await mkdir(join(tree, deep), { recursive: true });
    await writeFile(join(tree, deep, 'f'), 'deep');
    if (format !== 'ustar') await writeFile(join(tree, long), 'long');
    if (format !== 'ustar') await symlink(`/${long}`, join(tree, 'far'));
    const entries = new Map((await entriesOf(await tar('--format', format))).map((entry) => [entry.path, entry]));
    expect(entries.get('a/b/file')).toMatchObject({
      kind: 'file',
      text: 'content\n',
      mode: 0o755,
      uid: process.getuid?.(),
    });
    expect(entries.get('a/empty')).toMatchObject({ kind: 'file', bytes: 0 });
    expect(entries.get('a/b')).toMatchObject({ kind: 'directory' });
    expect(entries.get('a/link')).toMatchObject({ kind: 'link', target: '../b/file' });
    expect(entries.get(`${deep}/f`)).toMatchObject({ text: 'deep' });
    if (format !== 'ustar') expect(entries.get(long)).toMatchObject({ text: 'long' });
    if (format !== 'ustar') expect(entries.get('far')).toMatchObject({ kind: 'link', target: `/${long}` });
  });

  it('reads an archive inside of another one', async () => {
    await writeFile(join(folder, 'tree/inner'), 'content');
    const inner = await tar();
    await writeFile(join(folder, 'tree/inner.tar'), inner);
    const outer = await tar();
    const found = (await entriesOf(outer)).find(({ path }) => path === 'inner.tar');
    const entries = await entriesOf(outer.subarray(0, (found?.offset ?? 0) + inner.length), found?.offset);
    expect(entries.map(({ path, text }) => [path, text])).toContainEqual(['inner', 'content']);
  });

  it('reads the names and contents of any files', async () => {
    const anyName = fc.stringMatching(/^[a-zA-Z0-9 _.=äß-]{1,120}$/).filter((name) => !/^\.+$/.test(name));
    const anyFiles = fc.dictionary(anyName, fc.string({ maxLength: 2_000 }), { maxKeys: 5, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(anyFiles, async (files) => {
        await rm(join(folder, 'tree'), { recursive: true });
        await mkdir(join(folder, 'tree'));
        for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'tree', name), text);
        const read = (await entriesOf(await tar())).filter(({ kind }) => kind === 'file');
        const written = Object.entries(files).map(([path, text]) => [path, Buffer.from(text).toString('utf8')]);
        expect(read.map(({ path, text }) => [path, text]).sort()).toEqual(written.sort());
      }),
      { numRuns: 20 },
    );
  });

  it('ends with an error, or with entries inside of the file, whatever is in it', async () => {
    await writeFile(join(folder, 'tree/file'), 'x'.repeat(700));
    const whole = await tar('--format', 'posix');
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(whole.length), async (bytes, length) => {
        const broken = Buffer.from(whole);
        for (const [at, value] of bytes) broken[at] = value;
        const entries = await entriesOf(broken.subarray(0, length)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(Error);
          return [];
        });
        for (const { offset, bytes: size } of entries) expect(offset + size).toBeLessThanOrEqual(length);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a length that is no number', (archive: Buffer) => archive.write('9'.repeat(11), 124), 'not an octal number'],
    [
      'a file that is longer than the archive',
      (archive: Buffer) => archive.write('77777777777', 124),
      'ends inside of',
    ],
  ])('refuses %s', async (_what, change, message) => {
    await writeFile(join(folder, 'tree/file'), 'text');
    const archive = Buffer.from((await tar('--format', 'ustar')).subarray(512));
    change(archive);
    await expect(entriesOf(archive)).rejects.toThrow(message);
  });
});

describe('readPart()', () => {
  it('refuses to read past the end', async () => {
    const path = join(folder, 'short');
    await writeFile(path, 'abc');
    await using file = await open(path);
    expect((await readPart(file, 1, 2)).toString()).toBe('bc');
    await expect(readPart(file, 1, 5)).rejects.toThrow('3 bytes too early');
  });
});
