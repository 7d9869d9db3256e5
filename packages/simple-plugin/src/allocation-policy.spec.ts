// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preferShares } from './allocation-policy.ts';
import { deviceOfShare } from './device-tree/device-id.ts';

const prefer = (available: string, mustInclude: string, size: number): string =>
  preferShares({ available: available.split(' '), mustInclude: mustInclude.split(' ').filter(Boolean), size }).join(
    ' ',
  );

describe('preferShares()', () => {
  it.each([
    ['one share of each device', 'a::0 a::1 b::0 b::1', '', 2, 'a::0 b::0'],
    ['a second one when there are no other devices', 'a::0 a::1 b::0 b::1', '', 3, 'a::0 b::0 a::1'],
    ['the device with more free shares', 'a::3 b::0 b::1', '', 1, 'b::0'],
    ['a device other than the one it must include', 'a::0 a::1 a::2 b::0', 'a::1', 2, 'a::1 b::0'],
    ['devices without shares by the numbers in their ids', 'tty10 tty9 tty2', '', 2, 'tty2 tty9'],
    ['all that there are', 'b a', '', 2, 'a b'],
    ['what it must include, and no more', 'a b c', 'c b', 2, 'c b'],
    ['an id once, however often it is named', 'a a b', '', 2, 'a b'],
    ['nothing where there is not enough', 'a b', '', 3, ''],
    ['nothing where it must include more than it may', 'a b', 'a b', 1, ''],
  ])('takes %s', (_, available, mustInclude, size, expected) => {
    expect(prefer(available, mustInclude, size)).toBe(expected);
  });

  const ids = fc.uniqueArray(
    fc.tuple(fc.constantFrom('a', 'b', 'tty1', 'tty10', 'net/tun'), fc.nat(12)).map(([id, share]) => `${id}::${share}`),
    { maxLength: 20 },
  );
  const requests = ids.chain((available) =>
    fc.record({
      available: fc.constant(available),
      mustInclude: fc.subarray(available, { maxLength: Math.min(3, available.length) }),
      size: fc.nat(available.length),
      shuffled: fc.shuffledSubarray(available, { minLength: available.length }),
    }),
  );

  it('takes what was asked for, whatever the order, and no more of one device than it has to', () => {
    fc.assert(
      fc.property(requests, ({ available, mustInclude, size, shuffled }) => {
        const answer = preferShares({ available, mustInclude, size });
        if (mustInclude.length > size) expect(answer).toEqual([]);
        else {
          expect(new Set(answer).size).toBe(size);
          expect(available).toEqual(expect.arrayContaining(answer));
          expect(answer).toEqual(expect.arrayContaining([...mustInclude]));
          expect(countDevices(answer)).toBe(mostDevices(available, mustInclude, size));
        }
        const other = preferShares({ available: shuffled, mustInclude: mustInclude.toReversed(), size });
        expect(other.toSorted()).toEqual(answer.toSorted());
      }),
    );
  });
});

function countDevices(ids: readonly string[]): number {
  return new Set(ids.map(deviceOfShare)).size;
}

/** Those that must be there, and one more for each further id while there are others. */
function mostDevices(available: readonly string[], mustInclude: readonly string[], size: number): number {
  return Math.min(countDevices(available), countDevices(mustInclude) + size - mustInclude.length);
}
