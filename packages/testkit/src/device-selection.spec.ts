// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectDevices } from './device-selection.ts';
import { SeededRandom } from './seeded-random.ts';

const nodesOf = (): number[] => [];
const noWish = (): Promise<string[]> => Promise.resolve([]);

describe('selectDevices()', () => {
  it('does not ask the plugin when reusable devices are enough', async () => {
    const candidates = {
      resource: 'a.b/c',
      size: 1,
      reusable: new Set(['a', 'b']),
      healthy: new Set(['a', 'b', 'c']),
      inUse: new Set(['a', 'b']),
      nodesOf,
    };
    const asked = (): never => {
      throw new Error('asked');
    };
    expect(['a', 'b']).toContain((await selectDevices(candidates, asked, new SeededRandom(1)))[0]);
  });

  it('gives as many different, free and healthy devices as are wanted, whatever the plugin wishes', async () => {
    const ids = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
    await fc.assert(
      fc.asyncProperty(ids, ids, fc.array(fc.string()), ids, fc.nat(5), fc.integer(), async (...given) => {
        const [healthy, inUse, strange, wishes, size, seed] = given;
        const free = healthy.filter((id) => !inUse.includes(id));
        const candidates = {
          resource: 'a.b/c',
          size,
          reusable: new Set<string>(),
          healthy: new Set(healthy),
          inUse: new Set(inUse),
          nodesOf,
        };
        // A strange one may happen to be the id of a device; then it is a wish like any other.
        const wished = new Set<string>([...strange, ...wishes]);
        const wish = (): Promise<string[]> => Promise.resolve([...strange, ...wishes, ...wishes]);
        const selection = selectDevices(candidates, wish, new SeededRandom(seed));
        if (size > free.length) {
          await expect(selection).rejects.toThrow(`Requested: ${size}, Available: ${free.length}`);
          return;
        }
        const selected = await selection;
        expect(new Set(selected).size).toBe(size);
        expect(selected.filter((id) => !free.includes(id))).toEqual([]);
        const fulfilled = selected.filter((id) => wished.has(id)).length;
        expect(fulfilled).toBe(Math.min(size, free.filter((id) => wished.has(id)).length));
      }),
    );
  });

  it('counts what is reused', async () => {
    const candidates = {
      resource: 'a.b/c',
      size: 3,
      reusable: new Set(['a']),
      healthy: new Set(['a', 'b']),
      inUse: new Set(['a']),
      nodesOf,
    };
    await expect(selectDevices(candidates, noWish, new SeededRandom(1))).rejects.toThrow('Requested: 2, Available: 1');
    const selected = await selectDevices({ ...candidates, size: 2 }, noWish, new SeededRandom(1));
    expect(selected.toSorted()).toEqual(['a', 'b']);
  });

  describe('with a hint', () => {
    const nodes: Readonly<Record<string, number[]>> = { a0: [0], b0: [0], c1: [1], d1: [1], e: [] };
    type Request = Parameters<Parameters<typeof selectDevices>[1]>[0];

    async function select(size: number, wishes: readonly string[], reusable: readonly string[] = []) {
      const asked: Request[] = [];
      const candidates = {
        resource: 'a.b/c',
        size,
        reusable: new Set(reusable),
        healthy: new Set(Object.keys(nodes)),
        inUse: new Set(reusable),
        nodesOf: (id: string) => nodes[id] ?? [],
        hint: [0],
      };
      const wish = (request: Request) => {
        asked.push({
          ...request,
          availableDeviceIDs: request.availableDeviceIDs.toSorted(),
          mustIncludeDeviceIDs: request.mustIncludeDeviceIDs.toSorted(),
        });
        return Promise.resolve(wishes);
      };
      const selected = await selectDevices(candidates, wish, new SeededRandom(1));
      return { asked, selected: selected.toSorted() };
    }

    it('asks among the aligned devices when there are more than needed', async () => {
      const { asked, selected } = await select(1, ['c1', 'b0']);
      expect(asked).toEqual([{ availableDeviceIDs: ['a0', 'b0'], mustIncludeDeviceIDs: [], allocationSize: 1 }]);
      expect(selected).toEqual(['b0']);
    });

    it('takes any aligned device when the plugin has no wish', async () => {
      expect(['a0', 'b0']).toEqual(expect.arrayContaining((await select(1, [])).selected));
    });

    it('counts what is reused among those that must be included', async () => {
      const { asked, selected } = await select(2, ['b0'], ['e']);
      expect(asked).toEqual([
        { availableDeviceIDs: ['a0', 'b0', 'e'], mustIncludeDeviceIDs: ['e'], allocationSize: 2 },
      ]);
      expect(selected).toEqual(['b0', 'e']);
    });

    it('does not ask when there are as many aligned devices as needed', async () => {
      expect(await select(2, ['c1'])).toEqual({ asked: [], selected: ['a0', 'b0'] });
    });

    it('takes all aligned devices and then asks among the rest', async () => {
      const { asked, selected } = await select(3, ['d1', 'a0']);
      expect(asked).toEqual([
        {
          availableDeviceIDs: ['a0', 'b0', 'c1', 'd1', 'e'],
          mustIncludeDeviceIDs: ['a0', 'b0'],
          allocationSize: 3,
        },
      ]);
      expect(selected).toEqual(['a0', 'b0', 'd1']);
    });

    it('takes devices of other nodes before those without any', async () => {
      expect((await select(4, [])).selected).toEqual(['a0', 'b0', 'c1', 'd1']);
    });
  });
});
