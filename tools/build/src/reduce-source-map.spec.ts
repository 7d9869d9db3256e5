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
  const reduced = reduceSourceMap(map, (source) => source.startsWith('packages/'));

  it('keeps the sources that are wanted, and no names', () => {
    expect(reduced.sources).toEqual(['packages/b.ts', 'packages/c.ts']);
    expect(reduced.names).toEqual([]);
  });

  it('keeps one segment for each line, and the end of what is kept', () => {
    expect(decode(reduced.mappings)).toEqual([[[5, 0, 3, 0], [12, 0, 4, 0], [20], [30, 1, 0, 0]], [[2, 1, 0, 0]]]);
  });

  it('takes a segment without a source as the end of what is kept', () => {
    const ended = { ...map, mappings: encode([[[0, 1, 1, 0], [4], [6]]]) };
    expect(decode(reduceSourceMap(ended, () => true).mappings)).toEqual([[[0, 1, 1, 0], [4]]]);
  });
});
