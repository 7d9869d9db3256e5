// SPDX-License-Identifier: Apache-2.0
import { SourceMap } from 'node:module';
import { encode } from '@jridgewell/sourcemap-codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originalPosition, type SourceMapText } from './source-map.ts';

const whole = (map: SourceMapText) => [{ offset: { line: 0, column: 0 }, map }];

describe('originalPosition()', () => {
  const number = fc.nat({ max: 100_000 });
  const line = fc
    .uniqueArray(fc.tuple(number, fc.nat({ max: 2 }), number, number), { selector: ([column]) => column, maxLength: 6 })
    .map((segments) => segments.sort((a, b) => a[0] - b[0]));

  it('finds what the source map of Node.js finds', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 5 }),
        number,
        (lines, wanted, column) => {
          const map = { sources: ['a.ts', 'b.ts', 'c.ts'], mappings: encode(lines) };
          const entry = new SourceMap({
            ...map,
            file: '',
            version: 3,
            names: [],
            sourcesContent: [],
            sourceRoot: '',
          }).findEntry(wanted, column);
          const isThere = 'originalSource' in entry && entry.generatedLine === wanted;
          const expected = isThere
            ? { source: entry.originalSource, line: entry.originalLine, column: entry.originalColumn }
            : undefined;
          expect(originalPosition(whole(map), wanted, column)).toEqual(expected);
        },
      ),
    );
  });

  it('says nothing behind a segment that maps to nothing', () => {
    const map = { sources: ['a.ts'], mappings: encode([[[0, 0, 4, 0], [10]]]) };
    expect(originalPosition(whole(map), 0, 9)).toEqual({ source: 'a.ts', line: 4, column: 0 });
    expect(originalPosition(whole(map), 0, 10)).toBeUndefined();
  });

  it('reads the section that a place is in', () => {
    const map = (source: string) => ({ sources: [source], mappings: encode([[[0, 0, 7, 0]], [[2, 0, 8, 0]]]) });
    const sections = [
      { offset: { line: 1, column: 10 }, map: map('a.ts') },
      { offset: { line: 2, column: 5 }, map: map('b.ts') },
    ];
    const lineAt = (line: number, column: number) => {
      const { source, line: original } = originalPosition(sections, line, column) ?? {};
      return [source, original];
    };
    expect([lineAt(1, 9), lineAt(1, 10), lineAt(2, 4), lineAt(2, 5), lineAt(3, 2)]).toEqual([
      [undefined, undefined],
      ['a.ts', 7],
      ['a.ts', 8],
      ['b.ts', 7],
      ['b.ts', 8],
    ]);
  });

  it('comes to an end with any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 3 }), number, (mappings, wanted, column) => {
        expect(() => originalPosition(whole({ sources: ['a.ts'], mappings }), wanted, column)).not.toThrow();
      }),
    );
  });
});
