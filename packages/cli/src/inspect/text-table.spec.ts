// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTable } from './text-table.ts';

describe('textTable()', () => {
  it('aligns columns and leaves out those without content', () => {
    const table = { columns: ['ID', 'EMPTY', 'HEALTH'], rows: [['card0', '', 'Healthy'], ['a', '', ''], ['b']] };
    expect(textTable(table)).toBe('ID     HEALTH\ncard0  Healthy\na\nb\n');
  });

  it('cuts the widest columns, down to eight characters', () => {
    const table = { columns: ['A', 'B'], rows: [['x'.repeat(30), 'y'.repeat(20)]] };
    expect(textTable(table, 32)).toBe(`A                B\n${'x'.repeat(14)}…  ${'y'.repeat(14)}…\n`);
    expect(textTable(table, 5).split('\n')[1]).toBe(`${'x'.repeat(7)}…  ${'y'.repeat(7)}…`);
  });

  it('keeps control characters from the terminal', () => {
    expect(textTable({ columns: ['A'], rows: [['\u001b[2Jred\nline\u009b1m']] })).toBe('A\n [2Jred line 1m\n');
  });

  it('fits any table into a line that has room for its columns', () => {
    const row = fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.integer({ min: 28, max: 120 }), (rows, width) => {
        for (const line of textTable({ columns: ['A', 'B', 'C'], rows }, width).split('\n'))
          expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
