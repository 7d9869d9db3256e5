// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseErrorTotal } from './pci-errors.ts';

describe('parseErrorTotal()', () => {
  it.each([
    ['TOTAL_ERR_FATAL 12', 12],
    ['Undefined 3\nTOTAL_ERR_FATAL 0', 0],
    ['Undefined 3\nTOTAL_ERR_FATAL 4 \nmore 5', 4],
    ['TOTAL_ERR_NONFATAL 1', undefined],
    ['TOTAL_ERR_FATAL', undefined],
    ['TOTAL_ERR_FATAL -1', undefined],
    ['TOTAL_ERR_FATAL 1.5', undefined],
    ['TOTAL_ERR_FATAL 99999999999999999999', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('makes of %j %s', (text, expected) => {
    expect(parseErrorTotal(text, 'TOTAL_ERR_FATAL')).toBe(expected);
  });

  it('gives a count or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (before, count) => {
        const noise = parseErrorTotal(`TOTAL_ERR_FATAL ${before}`, 'TOTAL_ERR_FATAL');
        expect(noise === undefined || Number.isSafeInteger(noise)).toBe(true);
        const text = `${before.replaceAll('TOTAL', '')}\nTOTAL_ERR_FATAL ${count}`;
        expect(parseErrorTotal(text, 'TOTAL_ERR_FATAL')).toBe(count);
      }),
    );
  });
});
