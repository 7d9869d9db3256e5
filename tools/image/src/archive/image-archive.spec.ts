// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesOf, readImageContent } from '../image-content.ts';
import { ImageArchive } from './image-archive.ts';
import { describeWeights, weighLayers } from './weigh-layers.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kdp-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function pack(
  name: string,
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
) {
  const tree = join(folder, `${name}.d`);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(tree, path, '..'), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  for (const [path, target] of Object.entries(links)) {
    await mkdir(join(tree, path, '..'), { recursive: true });
    await symlink(target, join(tree, path));
  }
  const file = join(folder, name);
  await promisify(execFile)('tar', ['-cf', file, '-C', tree, '.']);
  return file;
}

/** An image of two layers, the second of which replaces a file of the first. */
async function image(): Promise<string> {
  const status = 'Package: libc6\nArchitecture: amd64\nVersion: 2.36-9+deb12u14\n';
  const node = `${'\0'.repeat(100)}https://nodejs.org/download/release/v24.21.0/node-v24.21.0.tar.gz\0`;
  const base = await pack('base.tar', {
    'nodejs/bin/node': node,
    'var/lib/dpkg/status.d/libc6': status,
    'var/lib/dpkg/status.d/libc6.md5sums': 'd41d8cd98f00b204e9800998ecf8427e  lib/libc.so.6\n',
    'var/lib/dpkg/status.d/odd': 'nothing\n',
    'etc/motd': 'first',
  });
  const app = await pack('app.tar', { 'etc/motd': 'second', 'app/LICENSES.txt': 'of all' });
  const config = {
    architecture: 'amd64',
    config: { Entrypoint: ['/app/main.mjs'] },
    rootfs: { diff_ids: ['sha256:aaaa', 'sha256:bbbb'] },
  };
  const layers = {
    'base.tar': (await readFile(base)).toString('latin1'),
    'app.tar': (await readFile(app)).toString('latin1'),
  };
  return await pack(
    'image.tar',
    {
      'manifest.json': JSON.stringify([{ Config: 'c.json', Layers: ['1/layer.tar', 'app.tar'] }]),
      'c.json': JSON.stringify(config),
      ...layers,
    },
    { '1/layer.tar': '../base.tar' },
  );
}

describe('ImageArchive', () => {
  it('opens what docker save writes, with layers behind links', async () => {
    await using archive = await ImageArchive.open(await image());
    expect(archive.config.config.Entrypoint).toEqual(['/app/main.mjs']);
    expect(archive.layers.map(({ diffId }) => diffId)).toEqual(['sha256:aaaa', 'sha256:bbbb']);
    const motd = (await filesOf(archive)).get('etc/motd') ?? expect.fail('no motd');
    expect((await archive.content(motd)).toString()).toBe('second');
  });

  it.each([
    ['no image at all', { 'manifest.json': '[]' }, 'no image in it'],
    ['no manifest', { other: '' }, 'has no manifest.json'],
  ])('refuses an archive with %s', async (_what, files, message) => {
    await expect(ImageArchive.open(await pack('x.tar', files))).rejects.toThrow(message);
  });
});

describe('readImageContent()', () => {
  it('finds Node.js, the packages of Debian and the licences', async () => {
    await using archive = await ImageArchive.open(await image());
    expect(await readImageContent(archive)).toEqual({
      licenses: 'of all',
      nodeVersion: '24.21.0',
      debian: [{ name: 'libc6', version: '2.36-9+deb12u14', architecture: 'amd64' }],
    });
  });

  it('leaves open what an image does not say', async () => {
    const empty = await pack('empty.tar', { 'nodejs/bin/node': 'a program without an address' });
    const config = { config: {}, rootfs: { diff_ids: ['sha256:a'] } };
    const manifest = JSON.stringify([{ Config: 'c.json', Layers: ['l.tar'] }]);
    const layer = (await readFile(empty)).toString('latin1');
    const file = await pack('i.tar', { 'manifest.json': manifest, 'c.json': JSON.stringify(config), 'l.tar': layer });
    await using archive = await ImageArchive.open(file);
    expect(await readImageContent(archive)).toEqual({ licenses: '', nodeVersion: undefined, debian: [] });
  });
});

describe('weighLayers()', () => {
  const signal = new AbortController().signal;

  it('compresses each layer once, and remembers', async () => {
    await using archive = await ImageArchive.open(await image());
    const cache = join(folder, 'cache/weights.json');
    const weights = await weighLayers(archive, cache, signal);
    for (const [index, layer] of archive.layers.entries()) {
      const gzipBytes = gzipSync(await archive.content(layer)).length;
      expect(weights[index]).toEqual({ diffId: layer.diffId, bytes: layer.bytes, gzipBytes });
    }
    await writeFile(cache, JSON.stringify({ 'sha256:aaaa': 12_345_678 }));
    expect((await weighLayers(archive, cache, signal))[0]?.gzipBytes).toBe(12_345_678);
    await writeFile(cache, '{ half of');
    expect(await weighLayers(archive, cache, signal)).toEqual(weights);
  });

  it('stops when it is told to', async () => {
    await using archive = await ImageArchive.open(await image());
    await expect(weighLayers(archive, join(folder, 'w'), AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
  });
});

describe('describeWeights()', () => {
  it('has a line for each layer and one for all', () => {
    const weights = [
      { diffId: `sha256:${'a'.repeat(64)}`, bytes: 132_000_000, gzipBytes: 48_000_000 },
      { diffId: `sha256:${'b'.repeat(64)}`, bytes: 900_000, gzipBytes: 300_000 },
    ];
    expect(describeWeights(weights)).toEqual([
      '  layer 1 aaaaaaaaaaaa   132.00 MB, gzip   48.00 MB',
      '  layer 2 bbbbbbbbbbbb     0.90 MB, gzip    0.30 MB',
      '  total                  132.90 MB, gzip   48.30 MB',
    ]);
  });
});
