// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const names = ['KDP_SCAN_PERIOD', 'KDP_PREFIX', 'KDP_V', 'KDP_VMODULE', 'KDP_CDI_DIR'];

describe('nearestName()', () => {
  it.each([
    ['KDP_SCAN_PEROID', 'KDP_SCAN_PERIOD'],
    ['KDP_SCANPERIOD', 'KDP_SCAN_PERIOD'],
    ['KDP_PREFIXES', 'KDP_PREFIX'],
    ['KDP_VV', 'KDP_V'],
    ['KDP_MODULE', 'KDP_VMODULE'],
    ['KDP_cdi_dir', 'KDP_CDI_DIR'],
  ])('finds for %s %s', (name, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });

  it('finds a name itself, one with a single letter changed, and nothing in nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(14), (name, place) => {
        expect(nearestName(name, names)).toBe(name);
        const changed = `${name.slice(0, place)}#${name.slice(place + 1)}`;
        expect(nearestName(changed, [name.slice(4), name])).toBe(name);
      }),
    );
    expect(nearestName('KDP_V', [])).toBeUndefined();
  });
});
