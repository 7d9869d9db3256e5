// SPDX-License-Identifier: Apache-2.0
import { SourceMap } from 'node:module';
import { encode } from '@jridgewell/sourcemap-codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originalPosition } from './source-map.ts';

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
          expect(originalPosition(map, wanted, column)).toEqual(expected);
        },
      ),
    );
  });

  it('says nothing behind a segment that maps to nothing', () => {
    const map = { sources: ['a.ts'], mappings: encode([[[0, 0, 4, 0], [10]]]) };
    expect(originalPosition(map, 0, 9)).toEqual({ source: 'a.ts', line: 4, column: 0 });
    expect(originalPosition(map, 0, 10)).toBeUndefined();
  });

  it('comes to an end with any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 3 }), number, (mappings, wanted, column) => {
        expect(() => originalPosition({ sources: ['a.ts'], mappings }, wanted, column)).not.toThrow();
      }),
    );
  });
});
