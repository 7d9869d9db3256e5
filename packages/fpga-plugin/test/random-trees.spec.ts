// SPDX-License-Identifier: Apache-2.0
import { Host, resourceNameProblem } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureEntry } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fpgaDeviceTree } from '../src/device-tree.ts';
import { parseResourceName } from '../src/device-tree/resource-names.ts';
import { fpgaModes } from '../src/options/fpga-mode.ts';
import { readFpgas } from '../src/sysfs.ts';
import { allOnes, ce48, d842, f7df, fpgaHost, type CardFixture } from './fixtures/fpga-host.ts';

const id = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(ce48, d842, f7df, allOnes, '') },
  fc.string({ maxLength: 300 }).filter((text) => !text.includes('\0')),
);
const entry: fc.Arbitrary<FixtureEntry> = fc.oneof(
  fc.constant(dir()),
  fc.constant(link('nowhere')),
  fc.constant(link('.')),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const number = fc.nat(12);
const bdf = fc.tuple(fc.nat(3), fc.nat(3)).map(([bus, fn]) => `0000:3${bus}:00.${fn}`);

const card: fc.Arbitrary<CardFixture> = fc.record(
  {
    driver: fc.constant<'opae' | 'dfl'>('dfl'),
    number,
    bdf,
    pciId: fc.constantFrom(['0x8086', '0x09c4'] as const, ['', 'x'] as const),
    numaNode: fc.constantFrom(-1, 0, 1),
    physicalFunction: bdf,
    fmes: fc.dictionary(number.map(String), fc.oneof(id, fc.array(id, { maxLength: 3 })), { maxKeys: 2 }),
    ports: fc.dictionary(number.map(String), id, { maxKeys: 4 }),
    // Names that hold neither ports nor FMEs, as parts of both are made already.
    files: fc.dictionary(fc.constantFrom('dfl-fme.', 'dfl-port.x', 'dfl-port.99', 'uevent'), entry, { maxKeys: 2 }),
  },
  { requiredKeys: ['driver', 'number', 'bdf'] },
);

describe('any host', () => {
  it('has its ports published, each once, under names that kubelets take', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(card, { maxLength: 5 }), fc.constantFrom('opae', 'dfl'), async (cards, driver) => {
        await using fixture = await hostFixture({});
        for (const each of cards.map(numbered)) await fixture.add(fpgaHost({ ...each, driver })).catch(isInTheWay);
        const snapshot = await readFpgas(new Host(fixture.root));
        for (const mode of fpgaModes) {
          const { tree } = fpgaDeviceTree(snapshot, mode);
          const devices = [...tree.resources.values()].flatMap((byId) => [...byId]);
          const nodes = devices.flatMap(([, info]) => info.nodes.map(({ hostPath }) => hostPath));
          expect(new Set(nodes)).toHaveLength(nodes.length);
          expect(devices.every(([, info]) => info.nodes.length > 0)).toBe(true);
          for (const resource of tree.resources.keys()) expectName(resource);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Names are unique: the kernel counts ports and FMEs of all FPGAs together. */
function numbered(card: CardFixture, index: number): CardFixture {
  const renumbered = <T>(parts: Readonly<Record<number, T>> = {}): Readonly<Record<number, T>> =>
    Object.fromEntries(Object.values(parts).map((part, at) => [10 * index + at, part]));
  return { ...card, number: index, fmes: renumbered(card.fmes), ports: renumbered(card.ports) };
}

/** Ids of other lengths may make names that core leaves out. */
function expectName(resource: string): void {
  if (!resource.startsWith('region-')) expect(resource).toMatch(/^af-[\da-f]{3}\.[\da-f]{3}\.[\w-]+$/);
  if (parseResourceName(resource) !== undefined && resource.length === 54)
    expect(resourceNameProblem(`fpga.intel.com/${resource}`)).toBeUndefined();
}

/** Random trees have links where others have directories: what came first stays. */
function isInTheWay(error: unknown): void {
  expect(error).toMatchObject({
    code: expect.stringMatching(/^(EEXIST|EISDIR|ENOTDIR|ENOENT|ELOOP|EPERM|FIXTURE_INVALID)$/) as string,
  });
}
