// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dir, hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LabelFile } from './label-file.ts';
import { pathProblem, periodProblem } from './label-flags.ts';
import { labelRounds } from './label-rounds.ts';

const labels = new Map([
  ['a/b', '1'],
  ['a/c', ''],
]);

let fixture: HostFixture;
let path: string;

beforeEach(async () => {
  fixture = await hostFixture({ features: dir(), 'elsewhere/x': '' });
  path = fixture.path('features/labels.txt');
});

afterEach(async () => {
  await fixture.dispose();
});

describe('LabelFile', () => {
  it('writes a line for each label, and leaves nothing else behind', async () => {
    await new LabelFile(path).write(labels);
    expect(await readFile(path, 'utf8')).toBe('a/b=1\na/c=\n');
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    expect(await readdir(fixture.path('features'))).toEqual(['labels.txt']);
  });

  it('leaves alone a file that is right, and replaces any other one as a whole', async () => {
    const file = new LabelFile(path, fixture.path('elsewhere'));
    await file.write(labels);
    const { ino } = await stat(path);
    await file.write(labels);
    expect((await stat(path)).ino).toBe(ino);
    for (const text of ['a/b=1\na/c=\n\n', 'a/b=1\na/c=', '']) {
      await writeFile(path, text);
      await file.write(labels);
      expect(await readFile(path, 'utf8')).toBe('a/b=1\na/c=\n');
    }
    expect(await readdir(fixture.path('elsewhere'))).toEqual(['x']);
  });

  it('removes the file, and does not mind when it is not there', async () => {
    const file = new LabelFile(path);
    await file.write(labels);
    await file.remove();
    await file.remove();
    expect(await readdir(fixture.path('features'))).toEqual([]);
  });

  it('says where it cannot write, leaves nothing behind, and can later', async () => {
    const file = new LabelFile(path);
    const refused = { code: 'FILE_WRITE', message: expect.stringContaining(path) as string };
    await mkdir(path);
    await expect(file.write(labels)).rejects.toMatchObject(refused);
    await rm(fixture.path('features'), { recursive: true });
    await expect(file.write(labels)).rejects.toMatchObject(refused);
    await mkdir(fixture.path('features'));
    await file.write(labels);
    expect(await readdir(fixture.path('features'))).toEqual(['labels.txt']);
  });
});

describe('labelRounds()', () => {
  it('goes on after a round that failed, with the labels as they were, and removes them at the end', async () => {
    const stop = new AbortController();
    let round = 0;
    const seen: string[] = [];
    await labelRounds(new LabelFile(path), { everyMs: 1, watch: [] }, stop.signal, async () => {
      seen.push(await readFile(path, 'utf8').catch(() => 'none'));
      round += 1;
      if (round === 2 || round === 3) throw new Error('no labels');
      if (round === 5) stop.abort();
      if (round === 5) stop.signal.throwIfAborted();
      return new Map([['round', String(round)]]);
    });
    expect(seen).toEqual(['none', 'round=1\n', 'round=1\n', 'round=1\n', 'round=4\n']);
    expect(await readdir(fixture.path('features'))).toEqual([]);
  });
});

describe('the checks of flags', () => {
  it.each([
    ['/a/b.txt', undefined],
    ['a/b.txt', 'must be the absolute path of a file'],
    ['/a/', 'must be the absolute path of a file'],
    ['/a\0b', 'must not hold a NUL character'],
  ])('say of the path %j %s', (text, problem) => {
    expect(pathProblem(text)).toBe(problem);
  });

  it.each([
    [1, undefined],
    [86_400_000, undefined],
    [0, 'must be from 1ms to 24h'],
    [86_400_001, 'must be from 1ms to 24h'],
  ])('say of a period of %i ms %s', (periodMs, problem) => {
    expect(periodProblem(periodMs)).toBe(problem);
  });
});
