// SPDX-License-Identifier: Apache-2.0
import { resourceNameProblem } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afResource, isFpgaId, parseResourceName, regionResource } from './resource-names.ts';

const [ce48, bfac, dcp12] = [
  'ce48969398f05f33946d560708be108a',
  'bfac4d851ee856fe8c95865ce1bbaa2d',
  '69528db6eb31577a8c3668f9faa081f6',
] as const;
const [d842, f7df] = ['d8424dc4a4a3c413f89e433683f9040b', 'f7df405cbd7acf7222f144b0b93acd18'] as const;
const allOnes = 'f'.repeat(32);

/** Upstream's: pkg/fpga, and the mappings of its admission webhook. */
const vectors = [
  [ce48, d842, 'af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs'],
  [bfac, f7df, 'af-bfa.f7d.v6xNhR7oVv6MlYZc4buqLfffQFy9es9yIvFEsLk6zRg'],
  [dcp12, d842, 'af-695.d84.aVKNtusxV3qMNmj5-qCB9thCTcSko8QT-J5DNoP5BAs'],
  [dcp12, f7df, 'af-695.f7d.aVKNtusxV3qMNmj5-qCB9vffQFy9es9yIvFEsLk6zRg'],
  [allOnes, allOnes, `af-fff.fff.${'_'.repeat(42)}8`],
] as const;

const hex = (digits: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));

describe('afResource()', () => {
  it.each(vectors)('names %s and %s', (interfaceId, afuId, name) => {
    expect(afResource(interfaceId, afuId)).toBe(name);
  });

  it('makes names of 54 characters that kubelets take, and that tell the ids', () => {
    fc.assert(
      fc.property(hex(32), hex(32), (interfaceId, afuId) => {
        const name = afResource(interfaceId, afuId);
        expect(name).toHaveLength(54);
        expect(resourceNameProblem(`fpga.intel.com/${name}`)).toBeUndefined();
        expect(parseResourceName(name)).toEqual({ interfaceId, afuId });
      }),
    );
  });

  it('names functions of OpenCL, whose ids have 40 digits', () => {
    const afuId = '40007c0623210742000ebc58df6f5343e668b03a';
    const name = afResource(bfac, afuId);
    expect(name).toHaveLength(59);
    expect(parseResourceName(name)).toEqual({ interfaceId: bfac, afuId });
  });
});

describe('parseResourceName()', () => {
  it('reads names of regions', () => {
    expect(parseResourceName(regionResource(ce48))).toEqual({ interfaceId: ce48 });
  });

  it.each([
    'region-',
    'region-CE48',
    'region-xyz0',
    'af-',
    'af-ce4.d84.',
    // Another function's digits before the ids.
    'af-ce4.d85.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs',
    // The same bytes, but not as they are encoded.
    'af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAt',
    'af-ce4.d84.zkiWk5jwXzOUbVYHCL4Qig',
    'arria10.dcp1.0-nlb0',
  ])('knows %j not', (name) => {
    expect(parseResourceName(name)).toBeUndefined();
  });

  it('takes no text for a name that is none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `af-abc.abc.${text}`),
        ),
        (text) => {
          const ids = parseResourceName(text);
          if (ids?.afuId !== undefined) expect(afResource(ids.interfaceId, ids.afuId)).toBe(text);
          else if (ids !== undefined) expect(regionResource(ids.interfaceId)).toBe(text);
        },
      ),
    );
  });
});

describe('isFpgaId()', () => {
  it.each(['', 'unparsable', 'ABCD', 'abc', '12', `${ce48}\n`])('refuses %j', (text) => {
    expect(isFpgaId(text)).toBe(false);
  });
});
