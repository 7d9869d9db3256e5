// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { groupByAffinity } from './numa-affinity.ts';

const nodes: Readonly<Record<string, number[]>> = { a: [0], b: [1], both: [0, 1], none: [] };
const ids = Object.keys(nodes);
const nodesOf = (id: string): number[] => nodes[id] ?? [];

describe('groupByAffinity()', () => {
  it('goes by the hint', () => {
    expect(groupByAffinity(ids, nodesOf, [0])).toEqual({
      aligned: ['a', 'both'],
      unaligned: ['b'],
      noAffinity: ['none'],
    });
  });

  it('puts all together without a hint, and without topology', () => {
    const together = { aligned: [], unaligned: [], noAffinity: ids };
    expect(groupByAffinity(ids, nodesOf, undefined)).toEqual(together);
    expect(groupByAffinity(ids, () => [], [0])).toEqual(together);
  });
});
