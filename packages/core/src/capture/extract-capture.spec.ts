// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { hostTree } from '../../test/support/host-tree.ts';
import { messageOf } from '../errors.ts';
import { extractCapture } from './extract-capture.ts';
import { maxCaptureBytes } from './capture-entries.ts';

const description = { formatVersion: 1, plugin: 'gpu-plugin', flags: ['-v=2'] };

let directory: string;
beforeEach(async () => {
  directory = await hostTree({});
});

async function archive(about: unknown = description): Promise<Uint8Array> {
  return packTar([
    ...(about === undefined ? [] : [file('kdp-capture.json', JSON.stringify(about))]),
    file('sys/a', 'text\n'),
    { header: { name: 'sys/b', type: 'symlink', linkname: 'a', size: 0 } },
    { header: { name: 'dev/', type: 'directory', size: 0 } },
  ]);
}

function file(name: string, body: string) {
  return { header: { name, size: Buffer.byteLength(body) }, body };
}

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(directory, 'node.tar');
  await writeFile(path, bytes);
  return path;
}

async function failure(bytes: Uint8Array): Promise<unknown> {
  return await extractCapture(await written(bytes)).catch((error: unknown) => error);
}

describe('extractCapture()', () => {
  it.each([
    ['plain', (bytes: Uint8Array) => bytes],
    ['compressed', gzipSync],
  ])('writes what is in an archive that is %s, and removes it', async (_, pack) => {
    const capture = await extractCapture(await written(pack(await archive())));
    expect(await readFile(join(capture.root, 'sys/b'), 'utf8')).toBe('text\n');
    expect(await readlink(join(capture.root, 'sys/b'))).toBe('a');
    expect(existsSync(join(capture.root, 'dev'))).toBe(true);
    expect(capture.description).toEqual(description);
    await capture[Symbol.asyncDispose]();
    expect(existsSync(capture.root)).toBe(false);
  });

  it('takes an archive of tar(1), which says nothing of itself', async () => {
    await using capture = await extractCapture(await written(await archive()));
    execFileSync('tar', ['-cf', join(directory, 'other.tar'), '-C', capture.root, './sys', './dev']);
    await using other = await extractCapture(join(directory, 'other.tar'));
    expect(await readFile(join(other.root, 'sys/b'), 'utf8')).toBe('text\n');
    expect(other.description).toBeUndefined();
  });

  it.each([
    ['no object', 5],
    ['null', null],
    ['an object of another version', { ...description, formatVersion: 2 }],
    ['one without a plugin', { ...description, plugin: undefined }],
    ['one without flags', { ...description, flags: undefined }],
    ['one with a flag that is no text', { ...description, flags: [5] }],
  ])('refuses a description that is %s', async (_, about) => {
    expect(await failure(await archive(about))).toMatchObject({ code: 'CAPTURE_INVALID' });
  });

  it('refuses a description that is no JSON', async () => {
    expect(messageOf(await failure(await packTar([file('kdp-capture.json', '{')])))).toMatch(/is no JSON/);
  });

  it('names the file and what is wrong', async () => {
    expect(messageOf(await failure(Buffer.from('no tar')))).toMatch(/^cannot replay .*node\.tar: it is no tar archive/);
    const error: unknown = await extractCapture(join(directory, 'none')).catch((thrown: unknown) => thrown);
    expect(messageOf(error)).toMatch(/^cannot replay .*none: ENOENT/);
  });

  it('refuses what is too large, packed or unpacked', async () => {
    const large = Buffer.alloc(maxCaptureBytes + 1);
    expect(messageOf(await failure(large))).toMatch(/larger than/);
    expect(messageOf(await failure(gzipSync(large)))).toMatch(/unpacked, it is larger than \d+ bytes/);
  });

  it('does not wait for a writer of a FIFO', async () => {
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    await expect(extractCapture(join(directory, 'fifo'))).rejects.toMatchObject({ code: 'CAPTURE_INVALID' });
  });

  it('leaves nothing behind when it cannot write', async () => {
    vi.stubEnv('TMPDIR', await hostTree({}));
    // 255 bytes are what a name may have.
    const unwritable = await packTar([file('sys/a', ''), file('ü'.repeat(200), '')]);
    expect(messageOf(await failure(unwritable))).toMatch(/ENAMETOOLONG/);
    expect(await readdir(tmpdir())).toEqual([]);
    vi.unstubAllEnvs();
  });
});
