// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricType, samplesOf } from './prometheus-text.ts';

function plain(text: string): unknown {
  return samplesOf(text, 'm').map(({ labels, value }) => [Object.fromEntries(labels), value]);
}

describe('samplesOf()', () => {
  it.each([
    ['m 1', [[{}, 1]]],
    ['m{} 1', [[{}, 1]]],
    ['  m { a = "b" , } 1.5e3 1700000000000\r', [[{ a: 'b' }, 1500]]],
    ['m{a="1", b="2"}-1', [[{ a: '1', b: '2' }, -1]]],
    ['m{a="\\"\\\\\\n}, b=\\"c"} 0', [[{ a: '"\\\n}, b="c' }, 0]]],
    [
      '# m 1\nother 2\nmm 3\nm 4\n\nm 5',
      [
        [{}, 4],
        [{}, 5],
      ],
    ],
  ])('reads %j', (text, samples) => {
    expect(plain(text)).toEqual(samples);
  });

  it.each(['m', 'm{', 'm{a="b" 1', 'm{a=b} 1', 'm{a="b"c="d"} 1', 'm{a="b} 1', 'm x', 'm NaN', 'm 1 2 3', 'm{,} 1'])(
    'has nothing of a text with %j in it',
    (line) => {
      expect(plain(`m 1\n${line}\nm 2`)).toEqual([]);
    },
  );

  it('does not look at lines of other metrics', () => {
    expect(plain('other{]]]\nm 1')).toEqual([[{}, 1]]);
  });

  it('reads what was written, whatever the labels hold', () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
    const labels = fc.dictionary(name, fc.string({ unit: 'binary' }), { noNullPrototype: true });
    fc.assert(
      fc.property(labels, fc.double({ noNaN: true, noDefaultInfinity: true }), (given, value) => {
        const escaped = (text: string): string =>
          text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
        const pairs = Object.entries(given).map(([key, text]) => `${key}="${escaped(text)}"`);
        const [sample] = samplesOf(`m{${pairs.join(',')}} ${value}`, 'm');
        expect(Object.fromEntries(sample?.labels ?? [])).toEqual(given);
        expect(sample?.value).toBe(value + 0);
      }),
    );
  });

  it('never throws, and never takes long', () => {
    const piece = fc.constantFrom('m', '{', '}', '"', '\\', ',', '=', ' ', '\n', 'a="b"', '1', '#', '\0', 'é');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        expect(Array.isArray(samplesOf(pieces.join(''), 'm'))).toBe(true);
      }),
    );
    const startMs = performance.now();
    for (const hostile of ['m{a="' + '\\'.repeat(1e6), `m{${'a="b" '.repeat(1e5)}`, `m ${' '.repeat(1e6)}x`])
      expect(samplesOf(hostile, 'm')).toEqual([]);
    expect(samplesOf(`m{${Array.from({ length: 1e5 }, (_, i) => `a${i}="b"`).join(',')}} 1`, 'm')).toHaveLength(1);
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});

describe('metricType()', () => {
  it.each([
    ['# TYPE m gauge', 'gauge'],
    ['# HELP m TYPE m counter\n#  TYPE  m  counter \r\nm 1', 'counter'],
    ['# TYPE mm gauge', 'untyped'],
    ['', 'untyped'],
  ])('finds in %j %s', (text, type) => {
    expect(metricType(text, 'm')).toBe(type);
  });
});
