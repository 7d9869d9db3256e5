// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preferredVfs, type AllocationPolicy } from './allocation-policy.ts';

/** As upstream's tests have it: a bus is a PF. */
const busOf = (id: string): string => id.slice(0, id.lastIndexOf(':'));
const bdfs = (text: string): string[] => text.split(' ').map((place) => `0000:${place}`);

const available = bdfs(
  '03:00.4 04:00.1 05:00.3 05:00.4 05:00.1 04:00.0 04:00.4 06:00.4 04:00.2 03:00.1 05:00.0 05:00.2 04:00.3 03:00.2 06:00.0 06:00.3 03:00.3 03:00.0 06:00.1 06:00.2',
);

function prefer(
  policy: AllocationPolicy,
  size: number,
  { mustInclude = [], from = available }: { mustInclude?: readonly string[]; from?: readonly string[] } = {},
): string[] {
  return preferredVfs(policy, { available: from, mustInclude, size }, busOf);
}

describe('preferredVfs()', () => {
  it.each([
    ['A-Q7', undefined, '03:00.4 04:00.1 05:00.3 05:00.4'],
    ['A-Q8', 'packed', '03:00.0 03:00.1 03:00.2 03:00.3'],
    ['A-Q9', 'balanced', '03:00.0 04:00.0 05:00.0 06:00.0'],
  ] as const)('%s prefers with the policy %s %s', (_, policy, expected) => {
    expect(prefer(policy, 4)).toEqual(bdfs(expected));
  });

  it.each([undefined, 'packed', 'balanced'] as const)(
    'A-Q10 refuses to choose more than there are, policy %s',
    (policy) => {
      const message = '32 devices are wanted, of which only 20 are available';
      expect(() => prefer(policy, 32)).toThrow(
        expect.objectContaining({ code: 'PREFERENCE_INVALID', message }) as Error,
      );
    },
  );

  it.each([
    [undefined, '05:00.1', 2, '05:00.1 03:00.4'],
    ['packed', '05:00.1', 3, '05:00.1 05:00.0 05:00.2'],
    ['packed', '06:00.2 05:00.1', 2, '06:00.2 05:00.1'],
    ['balanced', '03:00.3', 4, '03:00.3 04:00.0 05:00.0 06:00.0'],
    ['balanced', '03:00.3 04:00.1', 4, '03:00.3 04:00.1 05:00.0 06:00.0'],
    ['balanced', '03:00.3 03:00.4', 6, '03:00.3 03:00.4 04:00.0 05:00.0 06:00.0 04:00.1'],
  ] as const)('has with the policy %s %s among %i', (policy, mustInclude, size, expected) => {
    expect(prefer(policy, size, { mustInclude: bdfs(mustInclude) })).toEqual(bdfs(expected));
  });

  it('gives one container after another the VF of another PF', () => {
    let from = bdfs('03:00.1 03:00.2 04:00.1 04:00.2 05:00.1 05:00.2');
    const given: string[] = [];
    while (from.length > 0) {
      given.push(...prefer('balanced', 1, { from }));
      from = from.filter((id) => !given.includes(id));
    }
    expect(given).toEqual(bdfs('03:00.1 04:00.1 05:00.1 03:00.2 04:00.2 05:00.2'));
  });

  it('balances over fewer PFs than are asked for', () => {
    expect(prefer('balanced', 4, { from: bdfs('03:00.1 03:00.2 03:00.3 04:00.5') })).toEqual(
      bdfs('03:00.1 04:00.5 03:00.2 03:00.3'),
    );
  });

  it('balances over PFs of which one has no low functions left', () => {
    expect(prefer('balanced', 2, { from: bdfs('03:00.1 03:00.2 04:01.7') })).toEqual(bdfs('03:00.1 04:01.7'));
  });

  it('goes by numbers, and takes what is no address last', () => {
    const from = ['nonsense', '10000:01:00.1', '0000:0a:00.1', '0000:09:1f.7', 'a:b'];
    expect(prefer('packed', 5, { from })).toEqual(['0000:09:1f.7', '0000:0a:00.1', '10000:01:00.1', 'a:b', 'nonsense']);
  });

  const ids = fc
    .uniqueArray(fc.tuple(fc.nat(5), fc.nat(31), fc.nat(7)), { minLength: 1, maxLength: 40, selector: (t) => t.join() })
    .map((places) => places.map(([bus, device, fn]) => `0000:0${bus}:${device.toString(16).padStart(2, '0')}.${fn}`));
  const requests = ids.chain((from) =>
    fc.record({
      from: fc.constant(from),
      size: fc.integer({ min: 1, max: from.length }),
      must: fc.subarray(from),
      order: fc.shuffledSubarray(from, { minLength: from.length }),
    }),
  );

  it.each(['packed', 'balanced'] as const)('%s chooses from any devices as many as asked for', (policy) => {
    fc.assert(
      fc.property(requests, ({ from, size, must, order }) => {
        const mustInclude = must.slice(0, size);
        const chosen = prefer(policy, size, { from, mustInclude });
        expect(new Set(chosen)).toHaveLength(size);
        expect(chosen).toHaveLength(size);
        expect(from).toEqual(expect.arrayContaining(chosen));
        expect(chosen).toEqual(expect.arrayContaining(mustInclude));
        expect(prefer(policy, size, { from: order, mustInclude })).toEqual(chosen);
      }),
    );
  });

  it('balanced never takes a VF from a PF while another has given fewer and has one left', () => {
    fc.assert(
      fc.property(requests, ({ from, size }) => {
        const chosen = prefer('balanced', size, { from });
        const left = new Set(from.filter((id) => !chosen.includes(id)).map(busOf));
        const counts = new Map<string, number>();
        for (const id of chosen) counts.set(busOf(id), (counts.get(busOf(id)) ?? 0) + 1);
        const most = Math.max(...counts.values());
        for (const pf of left) expect(counts.get(pf) ?? 0).toBeGreaterThanOrEqual(most - 1);
      }),
    );
  });

  it('packed leaves no PF half used but the last', () => {
    fc.assert(
      fc.property(requests, ({ from, size }) => {
        const chosen = prefer('packed', size, { from });
        const halfUsed = new Set(chosen.map(busOf)).intersection(
          new Set(from.filter((id) => !chosen.includes(id)).map(busOf)),
        );
        expect(halfUsed.size).toBeLessThanOrEqual(1);
      }),
    );
  });
});
