// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinChunks, splitAnywhere, splitAtAlphanumeric, splitLabel } from './split-label.ts';

const links = [
  ...['0.0-1.0', '0.1-1.1', '0.1-1.1', '0.0-1.0', '0.1-1.1', '0.0-1.0', '0.1-1.1', '0.0-1.0', '0.1-1.1'],
  ...['0.0-1.0', '0.1-1.1', '0.0-1.0', '0.1-1.1', '0.1-1.1', '1.0-0.0', '1.1-0.1', '1.0-0.0', '1.1-0.1'],
].join('_');

describe('splitAnywhere()', () => {
  it.each([
    ['1.2.3.4', 10, ['1.2.3.4']],
    ['foo_bar', 4, ['foo_', 'bar']],
    ['foobar', 3, ['foo', 'bar']],
    ['', 3, ['']],
  ])('A-L15: cuts %j at %i', (text, maxLength, chunks) => {
    expect(splitAnywhere(text, maxLength)).toEqual(chunks);
  });
});

describe('splitAtAlphanumeric()', () => {
  it('A-L16: cuts a string of links to labels', () => {
    expect(splitAtAlphanumeric(links, 63, 'Z')).toEqual([
      '0.0-1.0_0.1-1.1_0.1-1.1_0.0-1.0_0.1-1.1_0.0-1.0_0.1-1.1_0.0-1.0',
      'Z_0.1-1.1_0.0-1.0_0.1-1.1_0.0-1.0_0.1-1.1_0.1-1.1_1.0-0.0_1.1-0',
      'Z.1_1.0-0.0_1.1-0.1',
    ]);
  });

  it('A-L16: cuts it to 18 chunks of 12 with a prefix of 3', () => {
    const chunks = splitAtAlphanumeric(links, 12, 'ZZZ');
    expect(chunks).toHaveLength(18);
    expect(chunks.slice(0, 4)).toEqual(['0.0-1.0_0.1', 'ZZZ-1.1_0.1', 'ZZZ-1.1_0.0', 'ZZZ-1.0_0.1']);
    expect(chunks.slice(-3)).toEqual(['ZZZ-0.1_1.0', 'ZZZ-0.0_1.1', 'ZZZ-0.1']);
  });

  const head = '0.0-1.0_0.1-1.1_0.1-1.1_0.0-1.0_0.1-1.1_0.0-1.0_0.1-1';
  it.each([
    ['X', `${head}.1_0.0-15.0_0.1`, [`${head}.1_0.0-15`, 'X.0_0.1']],
    ['XYZ', `${head}._-_._-_..0_0.1`, [head, 'XYZ._-_._-_..0_0.1']],
  ])('A-L16: cuts behind the last letter or digit, prefix %s', (prefix, text, chunks) => {
    expect(text).toHaveLength(68);
    expect(splitAtAlphanumeric(text, 63, prefix)).toEqual(chunks);
  });

  it.each(['Z', 'ZYYYYYYZZZZZ'])('A-L16: gives nothing where a chunk has no letter or no room, prefix %s', (prefix) => {
    expect(splitAtAlphanumeric('A___B____C', 4, prefix)).toEqual([]);
  });

  it('A-L16: is undone by joinChunks(), whatever it cuts', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 80 }), fc.stringMatching(/^[A-Z]{0,4}$/), (text, max, prefix) => {
        const chunks = splitAtAlphanumeric(text, max, prefix);
        fc.pre(chunks.length > 0);
        expect(joinChunks(chunks, prefix)).toBe(text);
        expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(max);
        expect(chunks.slice(1).every((chunk) => chunk.startsWith(prefix))).toBe(true);
      }),
    );
  });

  it('cuts what labels are made of to valid values of labels', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^\d{1,3}(\.\d)?$/), { minLength: 1, maxLength: 200 }), (numbers) => {
        const chunks = splitAtAlphanumeric(numbers.join('_'), 63, 'Z');
        expect(chunks.length).toBeGreaterThan(0);
        // Kubernetes, apimachinery/pkg/util/validation, labelValueFmt.
        for (const chunk of chunks) expect(chunk).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
      }),
    );
  });
});

const anyText = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '.', '-', '_', 'é'), maxLength: 300 });

describe('splitLabel()', () => {
  it('numbers the labels from the second on', () => {
    expect(splitLabel('x/y', links).map(([name]) => name)).toEqual(['x/y', 'x/y2', 'x/y3']);
  });
});
