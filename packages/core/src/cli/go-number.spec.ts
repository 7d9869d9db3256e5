// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import { parseGoInt, parseGoUint, parseInt32 } from './go-number.ts';

describe('parseGoInt()', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['+7', 7],
    ['-7', -7],
    ['1_000', 1000],
    ['0x1F', 31],
    ['0X_1f', 31],
    ['0b101', 5],
    ['0o17', 15],
    ['017', 15],
    ['0_17', 15],
    ['-0x10', -16],
  ])('reads %s as Go does', (text, value) => {
    expect(parseGoInt(text)).toBe(value);
  });

  it.each(['', ' 1', '1 ', '1.0', '1e3', '0x', '08', '1__0', '_1', '1_', 'ten', '--1', '٣'])('refuses %j', (text) => {
    expect(() => parseGoInt(text)).toThrow('parse error');
  });

  it('refuses what it could not count exactly', () => {
    expect(parseGoInt('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => parseGoInt('9007199254740992')).toThrow('value out of range');
    expect(() => parseGoInt(`-${'9'.repeat(400)}`)).toThrow('value out of range');
  });

  it('reads every whole number in every base, and throws nothing but FLAG_INVALID on anything else', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const sign = value < 0 ? '-' : '';
        const digits = Math.abs(value);
        expect(parseGoInt(String(value))).toBe(value);
        expect(parseGoInt(`${sign}0x${digits.toString(16)}`)).toBe(value);
        expect(parseGoInt(`${sign}0b${digits.toString(2)}`)).toBe(value);
        expect(parseGoInt(`${sign}0${digits.toString(8)}`)).toBe(value);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => throwsOnlyFlagInvalid(() => parseGoInt(text))));
  });
});

describe('parseGoUint()', () => {
  it('takes no sign', () => {
    expect(parseGoUint('1800')).toBe(1800);
    expect(() => parseGoUint('-1')).toThrow('parse error');
    expect(() => parseGoUint('+1')).toThrow('parse error');
  });
});

describe('parseInt32()', () => {
  it('reads decimal numbers of 32 bits only', () => {
    expect(parseInt32('010')).toBe(10);
    expect(parseInt32('-2147483648')).toBe(-2147483648);
    expect(parseInt32('2147483647')).toBe(2147483647);
    expect(() => parseInt32('2147483648')).toThrow('value out of range');
    expect(() => parseInt32('-2147483649')).toThrow('value out of range');
    expect(() => parseInt32('0x1')).toThrow('parse error');
  });
});

function throwsOnlyFlagInvalid(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    return error instanceof DevicePluginError && error.code === 'FLAG_INVALID';
  }
}
