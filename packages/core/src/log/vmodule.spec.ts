// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import { formatVmodule, parseVmodule, vmoduleLevel } from './vmodule.ts';

describe('parseVmodule()', () => {
  it('reads rules and leaves out what says nothing', () => {
    expect(parseVmodule('')).toEqual([]);
    expect(parseVmodule(',scan*=4,,manager=2,log=0')).toEqual([
      { pattern: 'scan*', level: 4 },
      { pattern: 'manager', level: 2 },
    ]);
  });

  it.each(['manager', 'manager=', '=4', 'a=1=2', 'a=x', 'a=1.5', 'a=2147483648', 'a=1;b=2'])('refuses %s', (text) => {
    expect(() => parseVmodule(text)).toThrow('syntax error: expect comma-separated list of filename=N');
  });

  it('refuses a negative level', () => {
    expect(() => parseVmodule('manager=-1')).toThrow('negative value for vmodule level');
  });

  it('reads back what it prints, and throws nothing but FLAG_INVALID', () => {
    const rule = fc.record({ pattern: fc.stringMatching(/^[^,=]+$/), level: fc.integer({ min: 1, max: 2 ** 31 - 1 }) });
    fc.assert(
      fc.property(fc.array(rule), (rules) => {
        expect(parseVmodule(formatVmodule(rules))).toEqual(rules);
      }),
    );
    const nearly = fc.array(fc.constantFrom('a', '=', ',', '-', '4', '*')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        try {
          return parseVmodule(text).every(({ level }) => level > 0);
        } catch (error) {
          return error instanceof DevicePluginError && error.code === 'FLAG_INVALID';
        }
      }),
    );
  });
});

describe('vmoduleLevel()', () => {
  it.each([
    ['manager=2', '/src/manage/manager.ts', 2],
    ['manager=2', 'manager', 2],
    ['manager=2', '/src/manager/other.ts', 0],
    ['man*=3', 'manager.ts', 3],
    ['man?ger=3', 'manager.ts', 3],
    ['[a-m]anager=3', 'manager.ts', 3],
    ['[^m]anager=3', 'manager.ts', 0],
    ['m*=1,manager=9', 'manager.ts', 1],
    ['other=1,manager=9', 'manager.ts', 9],
    ['*=7', 'device-tree.spec.ts', 7],
  ])('of %s for %s is %i', (text, file, level) => {
    expect(vmoduleLevel(parseVmodule(text), file)).toBe(level);
  });
});
