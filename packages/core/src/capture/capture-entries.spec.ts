// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import fc from 'fast-check';
import { packTar, type TarHeader } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { maxCaptureEntries, readCaptureEntries } from './capture-entries.ts';

type Header = Partial<TarHeader> & { readonly name: string };

/** A file, unless it says otherwise. */
function tar(...entries: readonly (Header | string)[]): Promise<Uint8Array> {
  return packTar(
    entries.map((entry) => {
      const header = typeof entry === 'string' ? { name: entry } : entry;
      const body = header.type === undefined ? 'text' : '';
      return { header: { size: body.length, ...header }, body };
    }),
  );
}

function link(name: string, linkname: string): Header {
  return { name, type: 'symlink', linkname };
}

describe('readCaptureEntries()', () => {
  it('reads files, directories and symlinks', async () => {
    const archive = await tar('./', './sys/a/b', { name: 'dev/', type: 'directory' }, link('sys/c', 'a/b'));
    expect([...(await readCaptureEntries(archive))]).toEqual([
      ['sys/a/b', { kind: 'file', text: 'text' }],
      ['dev', { kind: 'directory' }],
      ['sys/c', { kind: 'link', target: 'a/b' }],
    ]);
  });

  it('takes paths and targets as long as Linux does', async () => {
    const long = Array.from({ length: 16 }, () => 'x'.repeat(200)).join('/');
    expect([...(await readCaptureEntries(await tar(long))).keys()]).toEqual([long]);
    expect((await readCaptureEntries(await tar(link('a', long)))).get('a')).toEqual({ kind: 'link', target: long });
  });

  it('takes a link to itself, which stands for what cannot be read', async () => {
    expect((await readCaptureEntries(await tar(link('sys/a', 'a')))).size).toBe(1);
  });

  it.each([
    ['a path that climbs', ['../etc/passwd']],
    ['a path that climbs on the way', ['sys/../../etc/passwd']],
    ['an absolute path', ['/etc/passwd']],
    ['a name of no characters', ['sys//a']],
    ['a name that is too long', ['x'.repeat(256)]],
    ['a path that is too long', ['x/'.repeat(2_100)]],
    ['an absolute symlink', [link('a', '/etc')]],
    ['a symlink that climbs', [link('sys/a', '../../etc')]],
    ['a symlink that climbs behind another', [link('sys/class/a', 'b/../..')]],
    ['a symlink to the directory above the root', [link('a', '..')]],
    ['a file below a symlink', [link('a', 'b'), 'a/c']],
    ['a file above a file', ['a/b', 'a']],
    ['a symlink above a file', ['a/b', link('a', 'c')]],
    ['a file that is there twice', ['a', 'a']],
    ['a symlink in the place of a directory', [{ name: 'a', type: 'directory' }, link('a', 'b')]],
    ['a hard link', ['a', { name: 'b', type: 'link', linkname: 'a' }]],
    ['a device node', [{ name: 'a', type: 'character-device' }]],
    ['a FIFO', [{ name: 'a', type: 'fifo' }]],
  ] satisfies [string, (Header | string)[]][])('refuses %s', async (_, entries) => {
    await expect(readCaptureEntries(await tar(...entries))).rejects.toMatchObject({ code: 'CAPTURE_INVALID' });
  });

  it('refuses more entries than a node has', async () => {
    const archive = await tar(...Array.from({ length: maxCaptureEntries + 1 }, (_, index) => `${index}`));
    await expect(readCaptureEntries(archive)).rejects.toMatchObject({ code: 'CAPTURE_INVALID' });
  });

  it('refuses an archive that is cut off, and one with a flipped bit', async () => {
    const archive = await tar('sys/a', 'sys/b');
    for (const length of [1, 300, 700, 1100]) {
      await expect(readCaptureEntries(archive.slice(0, length))).rejects.toMatchObject({ code: 'CAPTURE_INVALID' });
    }
    archive[3] = (archive[3] ?? 0) ^ 1;
    await expect(readCaptureEntries(archive)).rejects.toMatchObject({ code: 'CAPTURE_INVALID' });
  });

  it('lets nothing lead out, whatever the archive says', async () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b', 'c', '\0', '..a');
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    const type = fc.constantFrom<NonNullable<TarHeader['type']>>('file', 'symlink', 'directory', 'link', 'fifo');
    const header = fc.record({ name: path, linkname: path, type, size: fc.constant(0) });
    await fc.assert(
      fc.asyncProperty(fc.array(header, { maxLength: 5 }), async (headers) => {
        const archive = await packTar(headers.map((entry) => ({ header: entry })));
        const entries = await readCaptureEntries(archive).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'CAPTURE_INVALID' });
          return new Map() as Awaited<ReturnType<typeof readCaptureEntries>>;
        });
        for (const [name, entry] of entries) {
          expect(posix.join('/root', name)).toBe(`/root/${name}`);
          const target = entry.kind === 'link' ? entry.target : '.';
          expect(posix.join('/root', posix.dirname(name), target)).toMatch(/^\/root(\/|$)/);
          const above = name.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));
          expect(above.every((each) => (entries.get(each)?.kind ?? 'directory') === 'directory')).toBe(true);
        }
      }),
    );
  });

  it('ends with an error of ours for any bytes', async () => {
    const valid = await tar('sys/a', link('sys/b', 'a'));
    const changes = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2_048 }),
      changes.map((list) => {
        const changed = valid.slice();
        for (const [place, value] of list) changed[place] = value;
        return changed;
      }),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (archive) => {
        const outcome = await readCaptureEntries(archive).catch((error: unknown) => error);
        expect(outcome instanceof Map || (outcome as { code?: string }).code === 'CAPTURE_INVALID').toBe(true);
      }),
    );
  });
});
