// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTable } from './table.ts';

describe('formatTable()', () => {
  it('aligns columns and rules off the head', () => {
    expect(
      formatTable([
        ['', 'target'],
        ['start → Register', '≤ 80'],
        ['RSS', ''],
      ]),
    ).toEqual(['                  target', '────────────────  ──────', 'start → Register  ≤ 80', 'RSS']);
  });

  it('starts every cell of a column at the same place', () => {
    const row = fc.tuple(fc.string({ unit: 'grapheme-ascii' }), fc.stringMatching(/^[a-z]+$/));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const width = Math.max(...rows.map(([first]) => first.length));
        const lines = formatTable(rows).filter((_, index) => index !== 1);
        expect(lines.map((line) => line.slice(width + 2))).toEqual(rows.map(([, second]) => second));
      }),
    );
  });
});
