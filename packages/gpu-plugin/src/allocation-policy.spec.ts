// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preferredIds, type AllocationPolicy } from './allocation-policy.ts';
import { parseShare } from './allocation-policy/share.ts';

const policies = ['none', 'balanced', 'packed'] as const;

/** Five shares of each of four cards, shuffled. */
const available = [
  ...['card0-4', 'card0-2', 'card1-1', 'card2-3', 'card2-4', 'card2-1', 'card1-0', 'card1-4', 'card3-4', 'card1-2'],
  ...['card0-1', 'card2-0', 'card2-2', 'card1-3', 'card3-0', 'card3-3', 'card0-3', 'card0-0', 'card3-1', 'card3-2'],
];

function prefer(policy: AllocationPolicy, ids: readonly string[], size: number, mustInclude: readonly string[] = []) {
  return preferredIds(policy, { available: ids, mustInclude, size });
}

describe('preferredIds()', () => {
  it('A-G40: none takes shares of different cards', () => {
    expect(prefer('none', available, 4).sort()).toEqual(['card0-4', 'card1-1', 'card2-3', 'card3-4']);
  });

  it('A-G41: balanced takes the first share of each card', () => {
    expect(prefer('balanced', available, 4)).toEqual(['card0-0', 'card1-0', 'card2-0', 'card3-0']);
  });

  it('A-G42: packed takes the shares of one card', () => {
    expect(prefer('packed', available, 4)).toEqual(['card0-0', 'card0-1', 'card0-2', 'card0-3']);
  });

  it.each(policies)('A-G43: %s has no answer when more is wanted than there is', (policy) => {
    expect(prefer(policy, available.slice(0, 5), 6)).toEqual([]);
  });

  it('A-G44: none goes on with the cards it has taken from when there are no others', () => {
    expect(prefer('none', ['card0-1', 'card0-2', 'card0-3', 'card1-1'], 3).sort()).toEqual([
      'card0-1',
      'card0-2',
      'card1-1',
    ]);
  });

  it.each([
    ['none', ['card0-4', 'card1-1', 'card2-3'], ['card2-4', 'card0-4', 'card1-1']],
    ['balanced', ['card0-0', 'card1-0', 'card3-0'], ['card2-4', 'card0-0', 'card1-0']],
    ['packed', ['card0-0', 'card0-1', 'card0-2'], ['card2-4', 'card2-0', 'card2-1']],
  ] as const)('%s takes what has to be taken, and the rest in view of it', (policy, without, withMust) => {
    expect(prefer(policy, available, 3).sort()).toEqual(
      policy === 'balanced' ? ['card0-0', 'card1-0', 'card2-0'] : without,
    );
    expect(prefer(policy, available, 3, ['card2-4'])).toEqual(withMust);
  });

  it('compares numbers as numbers', () => {
    const ids = ['card10-0', 'card2-10', 'card2-2', 'card1-0'];
    expect(prefer('packed', ids, 4)).toEqual(['card1-0', 'card2-2', 'card2-10', 'card10-0']);
    expect(prefer('balanced', ids, 4)).toEqual(['card2-2', 'card1-0', 'card2-10', 'card10-0']);
  });

  it('goes by PCI addresses where ids are made of them', () => {
    const ids = ['0000:1a:00.0-1', '0000:1a:00.0-0', '0000:03:00.0-0'];
    expect(prefer('packed', ids, 2)).toEqual(['0000:03:00.0-0', '0000:1a:00.0-0']);
    expect(prefer('none', ids, 2)).toEqual(['0000:1a:00.0-1', '0000:03:00.0-0']);
  });

  it.each(policies)('%s has no answer when what has to be taken is not available, or too much', (policy) => {
    expect(prefer(policy, ['card0-0'], 1, ['card1-0'])).toEqual([]);
    expect(prefer(policy, ['card0-0', 'card0-1'], 1, ['card0-0', 'card0-1'])).toEqual([]);
  });

  const id = fc.oneof(
    fc.tuple(fc.nat(12), fc.nat(12)).map(([card, share]) => `card${card}-${share}`),
    fc.constantFrom('0000:03:00.0-1', '0000:1a:00.0-1', 'strange', 'card1a-0', '-', 'card-1'),
  );
  const wish = fc
    .uniqueArray(id, { minLength: 1, maxLength: 60 })
    .chain((ids) => fc.tuple(fc.constant(ids), fc.nat(ids.length), fc.shuffledSubarray(ids)))
    .map(([ids, size, must]) => ({ available: ids, size, mustInclude: must.slice(0, size) }));

  it.each(policies)(
    '%s answers every wish that a kubelet has with so many of the ids, those of must among them',
    (policy) => {
      fc.assert(
        fc.property(wish, (each) => {
          const ids = preferredIds(policy, each);
          expect(new Set(ids).size).toBe(each.size);
          expect(each.available).toEqual(expect.arrayContaining(ids));
          expect(ids).toEqual(expect.arrayContaining(each.mustInclude));
        }),
      );
    },
  );

  it.each(['balanced', 'packed'] as const)('%s has one answer whatever the order of the ids', (policy) => {
    fc.assert(
      fc.property(wish, ({ available: ids, size }) => {
        expect(prefer(policy, ids.toReversed(), size)).toEqual(prefer(policy, ids, size));
      }),
    );
  });

  it('none uses as many cards as it can', () => {
    fc.assert(
      fc.property(wish, ({ available: ids, size }) => {
        const cards = (some: readonly string[]): number => new Set(some.map((each) => parseShare(each).card)).size;
        expect(cards(prefer('none', ids, size))).toBe(Math.min(size, cards(ids)));
      }),
    );
  });

  it('packed takes all of each card but the last', () => {
    fc.assert(
      fc.property(wish, ({ available: ids, size }) => {
        const taken = new Set(prefer('packed', ids, size));
        const cards = [...Map.groupBy(ids, (each) => parseShare(each).card).values()];
        const isBegun = (shares: string[]): boolean =>
          shares.some((each) => taken.has(each)) && shares.some((each) => !taken.has(each));
        expect(cards.filter(isBegun).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('balanced leaves no card with two shares less than one it has taken from could spare', () => {
    fc.assert(
      fc.property(wish, ({ available: ids, size }) => {
        const taken = new Set(prefer('balanced', ids, size));
        const left = [...Map.groupBy(ids, (each) => parseShare(each).card).values()].map((shares) => ({
          isTakenFrom: shares.some((each) => taken.has(each)),
          free: shares.filter((each) => !taken.has(each)).length,
        }));
        const most = Math.max(0, ...left.map(({ free }) => free));
        for (const { isTakenFrom, free } of left) if (isTakenFrom) expect(free).toBeGreaterThanOrEqual(most - 1);
      }),
    );
  });
});
