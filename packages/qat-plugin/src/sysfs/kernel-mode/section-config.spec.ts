// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSections } from './section-config.ts';

const file = '/etc/c6xx_dev0.conf';
const section = (changes: Readonly<Record<string, string | undefined>> = {}) =>
  Object.entries<string | undefined>({ NumberCyInstances: '6', NumberDcInstances: '2', NumProcesses: '1', ...changes })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${value ?? ''}`)
    .join('\n');

describe('parseSections()', () => {
  it('reads the sections of processes and none of the device and the kernel', () => {
    const text = `version=1\n[GENERAL]\nServicesEnabled = cy;dc\n[KERNEL]\nNumberCyInstances = 1\n[KERNEL_QAT]\n[SSL]\n${section()}\nCy0Name = "SSL0"`;
    expect([...parseSections(file, text)]).toEqual([
      ['SSL', { cyInstances: 6, dcInstances: 2, processes: 1, isPinned: false }],
    ]);
  });

  it.each([
    ...['1', 'true', 'TRUE', 'yes', 'on', 'y', 't', '1 # only this one'].map((text) => [text, true] as const),
    ...['0', 'false', 'No', 'off', 'n', 'F'].map((text) => [text, false] as const),
  ])('reads LimitDevAccess = %s', (text, isPinned) => {
    expect(parseSections(file, `[SSL]\n${section({ LimitDevAccess: text })}`).get('SSL')).toMatchObject({ isPinned });
  });

  it.each([
    [
      'A-K10: a number that is none',
      { NumProcesses: 'this is error' },
      'NumProcesses is "this is error" and has to be',
    ],
    ['a key that is missing', { NumberDcInstances: undefined }, 'NumberDcInstances is missing and has to be a whole'],
    ['a negative number', { NumberCyInstances: '-1' }, 'NumberCyInstances is "-1"'],
    ['more processes than any device serves', { NumProcesses: '10000' }, 'NumProcesses is "10000"'],
    ['an empty number', { NumProcesses: '' }, 'NumProcesses is ""'],
    ['a boolean that is none', { LimitDevAccess: 'perhaps' }, 'LimitDevAccess is "perhaps" and has to be 1 or 0'],
    ['an empty boolean', { LimitDevAccess: '' }, 'LimitDevAccess is ""'],
  ])('refuses %s and says where', (_, changes, message) => {
    const parse = () => parseSections(file, `[SSL]\n${section(changes)}`);
    expect(parse).toThrow(`${file}: [SSL] ${message}`);
    expect(parse).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('names the file that is no INI file', () => {
    expect(() => parseSections(file, '[SSL]\nwhat')).toThrow(`${file}: line 2: "what"`);
  });

  it('reads back every section, for all numbers', () => {
    const config = fc.record({
      cyInstances: fc.nat(9_999),
      dcInstances: fc.nat(9_999),
      processes: fc.nat(9_999),
      isPinned: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,6}_?\d$/), config), (sections) => {
        const text = Object.entries(sections).map(
          ([name, { cyInstances, dcInstances, processes, isPinned }]) =>
            `[${name}]\nNumberCyInstances=${cyInstances}\nNumberDcInstances=${dcInstances}\nNumProcesses=${processes}\nLimitDevAccess=${isPinned ? 1 : 0}`,
        );
        expect(Object.fromEntries(parseSections(file, text.join('\n')))).toEqual({ ...sections });
      }),
    );
  });

  it('refuses with the name of the file or reads, whatever the text', () => {
    const key = fc.constantFrom('NumProcesses', 'NumberCyInstances', 'NumberDcInstances', 'LimitDevAccess');
    const line = fc.oneof(
      fc.string(),
      fc.constant('[S]'),
      fc.tuple(key, fc.oneof(fc.string(), fc.constant('1'))).map((pair) => pair.join('=')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseSections(file, lines.join('\n'));
        } catch (error) {
          expect(error).toMatchObject({
            code: 'CONFIG_INVALID',
            message: expect.stringContaining(`${file}: `) as unknown,
          });
        }
      }),
    );
  });
});
