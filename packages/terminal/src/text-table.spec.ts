// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coloured, plain } from './paint.ts';
import { textTable } from './text-table.ts';

const unstyled = { paint: plain, cellStyle: () => undefined };

describe('textTable()', () => {
  it('aligns the columns, and shows what is not there as a dash', () => {
    expect(
      textTable(
        ['ONE', 'TWO', 'THREE'],
        [
          ['a', '', 'c'],
          ['long one', 'b', '\n'],
        ],
        80,
        unstyled,
      ),
    ).toEqual(['ONE       TWO  THREE', 'a         -    c', 'long one  b    \\u{a}']);
  });

  it('takes from the widest columns first', () => {
    expect(textTable(['A', 'B'], [['0123456789abcdef', 'short']], 16, unstyled)[1]).toBe('0123…cdef  short');
  });

  it('paints cells by what they say and where they are, and the heading in bold', () => {
    const cellStyle = (cell: string, column: string) => (cell === 'bad' && column === 'HEALTH' ? 'red' : undefined);
    expect(textTable(['ID', 'HEALTH'], [['bad', 'bad']], 80, { paint: coloured, cellStyle })).toEqual([
      '\x1b[1mID\x1b[22m   \x1b[1mHEALTH\x1b[22m',
      'bad  \x1b[31mbad\x1b[39m',
    ]);
  });

  it('is never wider than the terminal, and the same text with and without colour', () => {
    const cell = fc.string({ unit: 'binary', maxLength: 40 });
    const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.nat(150), (cells, width) => {
        const lines = textTable(['ONE', 'TWO', 'THREE'], cells, width, unstyled);
        expect(lines).toHaveLength(cells.length + 1);
        for (const line of lines) expect(line.length <= width && /^[\x20-\x7e…]*$/.test(line)).toBe(true);
        const painted = textTable(['ONE', 'TWO', 'THREE'], cells, width, { paint: coloured, cellStyle: () => 'red' });
        expect(painted.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(lines);
      }),
    );
  });
});
