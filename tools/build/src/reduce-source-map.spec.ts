// SPDX-License-Identifier: Apache-2.0
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { describe, expect, it } from 'vitest';
import { reduceSourceMap } from './reduce-source-map.ts';

const map = {
  version: 3,
  sources: ['node_modules/a.js', 'packages/b.ts', 'packages/c.ts'],
  names: ['x'],
  mappings: encode([
    [
      [0, 0, 0, 0],
      [5, 1, 3, 2, 0],
      [9, 1, 3, 8],
      [12, 1, 4, 0],
      [20, 0, 7, 0],
      [25, 0, 8, 0],
      [30, 2, 0, 0],
    ],
    [[2, 2, 0, 4]],
  ]),
};

describe('reduceSourceMap()', () => {
  const { sections } = reduceSourceMap(map, (source) => source.startsWith('packages/'));

  it('makes a section of each stretch of a source that is wanted, and keeps no names', () => {
    expect(sections.map(({ offset, map: { sources, names } }) => [offset, sources, names])).toEqual([
      [{ line: 0, column: 5 }, ['packages/b.ts'], []],
      [{ line: 0, column: 30 }, ['packages/c.ts'], []],
    ]);
  });

  it('keeps one segment for each line, and the end of what is kept', () => {
    expect(sections.map(({ map: { mappings } }) => decode(mappings))).toEqual([
      [[[0, 0, 3, 0], [7, 0, 4, 0], [15]]],
      [[[0, 0, 0, 0]], [[2, 0, 0, 0]]],
    ]);
  });

  it('takes a segment without a source as the end of what is kept', () => {
    const ended = { ...map, mappings: encode([[[0, 1, 1, 0], [4], [6]]]) };
    const [section] = reduceSourceMap(ended, () => true).sections;
    expect(decode(section?.map.mappings ?? '')).toEqual([[[0, 0, 1, 0], [4]]]);
  });

  it('is empty where nothing is kept', () => {
    expect(reduceSourceMap(map, () => false).sections).toEqual([]);
  });
});
