// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linksAbove, parseLinkNumber } from './pci-link.ts';

describe('linksAbove()', () => {
  it.each([
    ['a device of the root complex', '/sys/devices/pci0000:00/0000:00:02.0', []],
    ['a device below a root port', '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0', ['0000:01:00.0 0000:00:01.0']],
    [
      'a device below a switch',
      '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:01.0/0000:03:00.0',
      ['0000:03:00.0 0000:02:01.0', '0000:01:00.0 0000:00:01.0'],
    ],
    ['no device', '/', []],
  ])('finds those of %s', (_what, place, expected) => {
    const names = linksAbove(place).map((ends) => ends.map((end) => end.slice(end.lastIndexOf('/') + 1)).join(' '));
    expect(names).toEqual(expected);
  });
});

describe('parseLinkNumber()', () => {
  it.each([
    ['16.0 GT/s PCIe', 16],
    ['2.5 GT/s PCIe', 2.5],
    ['8 GT/s', 8],
    ['16', 16],
    ['0', undefined],
    ['255', undefined],
    ['Unknown', undefined],
    ['Unknown speed', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('makes of %j %s', (text, expected) => {
    expect(parseLinkNumber(text)).toBe(expected);
  });

  it('gives a positive number or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), (text) => {
        const number = parseLinkNumber(text);
        expect(number === undefined || (number > 0 && Number.isFinite(number))).toBe(true);
      }),
    );
  });
});
