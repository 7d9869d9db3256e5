// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBdf, isBdf, parseBdf, parsePciId } from './pci.ts';

const bdf = fc.record({
  domain: fc.integer({ min: 0, max: 0xffff_ffff }),
  bus: fc.integer({ min: 0, max: 0xff }),
  device: fc.integer({ min: 0, max: 0x1f }),
  function: fc.integer({ min: 0, max: 7 }),
});

describe('parseBdf()', () => {
  it.each([
    ['0000:6b:00.1', { domain: 0, bus: 0x6b, device: 0, function: 1 }],
    ['0000:FF:1F.7', { domain: 0, bus: 0xff, device: 0x1f, function: 7 }],
    ['10000:e1:00.0', { domain: 0x10000, bus: 0xe1, device: 0, function: 0 }],
  ])('reads %s', (text, expected) => {
    expect(parseBdf(text)).toEqual(expected);
  });

  it.each(['', '6b:00.1', '000:6b:00.1', '0000:6b:20.1', '0000:6b:00.8', '0000:6b:00.1\n', '../0000:6b:00.1'])(
    'refuses %j',
    (text) => {
      expect(parseBdf(text)).toBeUndefined();
      expect(isBdf(text)).toBe(false);
    },
  );

  it('reads what formatBdf() writes', () => {
    fc.assert(
      fc.property(bdf, (address) => {
        expect(parseBdf(formatBdf(address))).toEqual(address);
      }),
    );
  });

  it('takes any text, and what it reads is written as it was, in lower case', () => {
    const nearly = fc.stringMatching(/^[\da-fA-F]{3,9}:[\da-fA-F]{2}:[\da-fA-F]{2}\.[\d]$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const address = parseBdf(text);
        if (address !== undefined)
          expect(formatBdf(address)).toBe(text.toLowerCase().replace(/^0{1,4}(?=[^:]{4})/, ''));
      }),
    );
  });
});

describe('isBdf()', () => {
  it('tells the devices of a bus from its other entries', () => {
    expect(['0000:00:02.0', 'driver', 'uevent', 'virtfn0'].filter(isBdf)).toEqual(['0000:00:02.0']);
  });
});

describe('parsePciId()', () => {
  it.each([
    ['0x8086', 0x8086],
    ['0x030000', 0x030000],
    ['0XFF', undefined],
    ['8086', undefined],
    ['0x', undefined],
    ['0x1234567', undefined],
    ['0x8086 ', undefined],
    ['', undefined],
  ])('reads %j as %j', (text, expected) => {
    expect(parsePciId(text)).toBe(expected);
  });

  it('reads every number of 24 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xff_ffff }), (id) => {
        expect(parsePciId(`0x${id.toString(16)}`)).toBe(id);
        expect(parsePciId(`0x${id.toString(16).padStart(6, '0').toUpperCase()}`)).toBe(id);
      }),
    );
  });
});
