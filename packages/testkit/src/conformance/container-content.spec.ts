// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentProblem, differenceOf, mergeProblem, sameContent } from './container-content.ts';

const nothing = { devices: [], mounts: [], cdiDevices: [], envs: {}, annotations: {} };
const node = { containerPath: '/dev/null', hostPath: '/dev/null', permissions: 'rw' };
const mount = { containerPath: '/tmp', hostPath: '/tmp', readOnly: true };

describe('contentProblem()', () => {
  let prefix: string;

  beforeAll(async () => {
    prefix = await mkdtemp(join(tmpdir(), 'kdp-'));
    await writeFile(join(prefix, 'card0'), '');
  });

  afterAll(async () => {
    await rm(prefix, { recursive: true });
  });

  it.each([
    ['takes paths of the host', { devices: [node], mounts: [mount] }, undefined],
    ['takes paths below the prefix', { devices: [{ ...node, hostPath: '/card0' }] }, undefined],
    ['refuses other permissions', { devices: [{ ...node, permissions: 'x' }] }, 'the permissions of /dev/null are "x"'],
    ['misses a node', { devices: [{ ...node, hostPath: '/dev/none' }] }, '"/dev/none" is not on the host'],
    ['misses a directory', { mounts: [{ ...mount, hostPath: '/none' }] }, '"/none" is not on the host'],
    [
      'refuses a path that is not absolute',
      { mounts: [{ ...mount, containerPath: 'tmp' }] },
      'the path in the container, "tmp", is not absolute',
    ],
  ])('%s', async (_, content, problem) => {
    expect(await contentProblem({ ...nothing, ...content }, prefix)).toBe(problem);
  });
});

describe('mergeProblem()', () => {
  const one = { ...nothing, devices: [node], envs: { ONE: '1' } };
  const two = { ...nothing, mounts: [mount], annotations: { two: '2' }, cdiDevices: [{ name: 'example.com/gpu=0' }] };
  const both = { ...one, mounts: two.mounts, annotations: two.annotations, cdiDevices: two.cdiDevices };

  it.each([
    ['takes all of all', both, undefined],
    ['misses an answer', undefined, 'no answer'],
    ['misses a variable', { ...both, envs: {} }, 'variable ONE is missing'],
    ['misses an annotation', { ...both, annotations: {} }, 'annotation two is missing'],
    ['finds what is given twice', { ...both, devices: [node, node] }, 'device /dev/null is given twice'],
  ])('%s', (_, all, problem) => {
    expect(mergeProblem(all, [one, two])).toBe(problem);
  });
});

describe('sameContent(), differenceOf()', () => {
  const one = { ...nothing, devices: [node], envs: { ONE: '1' } };

  it('tell what is there and what is not', () => {
    const other = {
      ...nothing,
      mounts: [mount],
      annotations: { two: '2' },
      cdiDevices: [{ name: 'example.com/gpu=0' }],
    };
    expect(sameContent(one, other)).toBe(false);
    expect(differenceOf(one, other)).toBe(
      `it has ${JSON.stringify(node)}, ONE="1"; it lacks ${JSON.stringify(mount)}, example.com/gpu=0, two="2"`,
    );
  });

  it('do without an answer', () => {
    expect(sameContent(undefined, undefined)).toBe(true);
    expect(differenceOf(one, undefined)).toBe(`it has ${JSON.stringify(node)}, ONE="1"`);
    expect(differenceOf(undefined, one)).toBe(`it lacks ${JSON.stringify(node)}, ONE="1"`);
  });

  it('count', () => {
    const twice = { ...one, devices: [node, node] };
    expect(sameContent(one, twice)).toBe(false);
    expect(differenceOf(one, twice)).toBe('something is there more than once');
  });

  it('do not mind the order', () => {
    const other = { ...node, containerPath: '/dev/zero' };
    expect(sameContent({ ...one, devices: [node, other] }, { ...one, devices: [other, node] })).toBe(true);
  });
});
