// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIni, topSection } from './ini-file.ts';

const plain = (text: string) =>
  Object.fromEntries([...parseIni(text)].map(([name, section]) => [name, Object.fromEntries(section)]));

describe('parseIni()', () => {
  it('reads sections with their keys', () => {
    expect(plain('[GENERAL]\nServicesEnabled = sym;asym\n\n[SSL]\nNumProcesses=1\r\n[EMPTY]')).toEqual({
      GENERAL: { ServicesEnabled: 'sym;asym' },
      SSL: { NumProcesses: '1' },
      EMPTY: {},
    });
  });

  it('keeps everything behind the first equals sign, comment signs too', () => {
    expect(plain('a = b = c # d ; e')).toEqual({ [topSection]: { a: 'b = c # d ; e' } });
    expect(plain('a=')).toEqual({ [topSection]: { a: '' } });
  });

  it('passes over comments and empty lines', () => {
    expect(plain('# [a]\n; b=c\n########\n \t \n')).toEqual({});
  });

  it('goes on with a section that comes again, and the last value of a key stays', () => {
    expect(plain('[a]\nx=1\n[b]\n[ a ]\nx=2\ny=3')).toEqual({ a: { x: '2', y: '3' }, b: {} });
  });

  it('tells of keys that come again, with both lines', () => {
    const repeats: unknown[] = [];
    parseIni('x=1\n[a]\nx=1\n\n[a]\nx=2\nx=3\n[b]\nx=1', (...repeat) => repeats.push(repeat));
    expect(repeats).toEqual([
      ['a', 'x', [3, 6]],
      ['a', 'x', [6, 7]],
    ]);
  });

  it('takes names that objects have for names', () => {
    expect(parseIni('[__proto__]\nconstructor=1').get('__proto__')?.get('constructor')).toBe('1');
  });

  it.each([
    ['[GENERAL', 'line 1: "[GENERAL" is neither'],
    ['a=b\nnonsense', 'line 2: "nonsense" is neither'],
    ['= 3', 'line 1: "= 3" is neither'],
    ['x'.repeat(100_000), `line 1: "${'x'.repeat(80)}" is neither`],
  ])('refuses what is no INI file: %#', (text, message) => {
    expect(() => parseIni(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => parseIni(text)).toThrow(message);
  });

  it('gives back what was written, for all sections, keys and values', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,20}$/);
    const value = fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/);
    const file = fc.dictionary(word, fc.dictionary(word, value));
    fc.assert(
      fc.property(file, (sections) => {
        const lines = Object.entries(sections).flatMap(([name, keys]) => [
          `[${name}]`,
          ...Object.entries(keys).map(([key, text]) => `${key} = ${text}`),
        ]);
        expect(plain(lines.join('\n'))).toEqual({ ...sections });
      }),
    );
  });

  it('either reads any text or refuses it by line', () => {
    const line = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('[', ']', '[]', '=', 'a=', ';', '#'),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseIni(lines.join('\n'));
        } catch (error) {
          expect(error).toMatchObject({
            code: 'CONFIG_INVALID',
            message: expect.stringMatching(/^line \d+: /) as unknown,
          });
        }
      }),
    );
  });
});
