// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceleratorFunctionMapping,
  fpgaRegionMapping,
  patchPod,
  type PatchableContainer,
  type PatchOperation,
} from './patch-pod.ts';

const interfaceId = 'ce48969398f05f33946d560708be108a';
const [nlb0, nlb3] = ['d8424dc4a4a3c413f89e433683f9040b', 'f7df405cbd7acf7222f144b0b93acd18'];
const region = `region-${interfaceId}`;
const af = 'af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs';
const mappings = [
  acceleratorFunctionMapping('nlb0', { interfaceId, afuId: nlb0, mode: 'region' }),
  acceleratorFunctionMapping('nlb3', { interfaceId, afuId: nlb3, mode: 'region' }),
  acceleratorFunctionMapping('nlb0-ready', { interfaceId, afuId: nlb0, mode: 'af' }),
  fpgaRegionMapping('arria10', { interfaceId }),
];

/** A container that requests these, in limits and requests alike. */
function container(resources: Record<string, number | string>, env?: PatchableContainer['env']): PatchableContainer {
  const quantities = Object.fromEntries(
    Object.entries(resources).map(([name, count]) => [`fpga.intel.com/${name}`, count]),
  );
  return { resources: { limits: { cpu: 1, ...quantities }, requests: { cpu: 2, ...quantities } }, ...(env && { env }) };
}
const patch = (...containers: PatchableContainer[]) => patchPod({ spec: { containers } }, mappings);
const resources = '/spec/containers/0/resources';
const environment = (operations: readonly PatchOperation[]) =>
  operations.flatMap((operation) =>
    operation.op === 'add' && operation.path.endsWith('/env') ? [operation.value] : [],
  );

describe('patchPod()', () => {
  it('asks for the region instead, and says what to program for each unit', () => {
    expect(patch(container({ nlb0: 1, nlb3: 2 }))).toEqual([
      { op: 'remove', path: `${resources}/limits/fpga.intel.com~1nlb0` },
      { op: 'remove', path: `${resources}/requests/fpga.intel.com~1nlb0` },
      { op: 'remove', path: `${resources}/limits/fpga.intel.com~1nlb3` },
      { op: 'remove', path: `${resources}/requests/fpga.intel.com~1nlb3` },
      { op: 'add', path: `${resources}/limits/fpga.intel.com~1${region}`, value: '3' },
      { op: 'add', path: `${resources}/requests/fpga.intel.com~1${region}`, value: '3' },
      {
        op: 'add',
        path: '/spec/containers/0/env',
        value: [nlb0, nlb3, nlb3].flatMap((afuId, index) => [
          { name: `FPGA_REGION_${index + 1}`, value: interfaceId },
          { name: `FPGA_AFU_${index + 1}`, value: afuId },
        ]),
      },
    ]);
  });

  it.each([
    ['nlb0-ready', af],
    ['arria10', region],
  ])('asks for the target of %s and sets no variables', (name, target) => {
    expect(patch(container({ [name]: 1 }))).toEqual([
      { op: 'remove', path: `${resources}/limits/fpga.intel.com~1${name}` },
      { op: 'remove', path: `${resources}/requests/fpga.intel.com~1${name}` },
      { op: 'add', path: `${resources}/limits/fpga.intel.com~1${target}`, value: '1' },
      { op: 'add', path: `${resources}/requests/fpga.intel.com~1${target}`, value: '1' },
    ]);
  });

  it.each([region, af])('leaves %s as it is, and what its user says of programming', (name) => {
    const env = [{ name: 'FPGA_REGION_1', value: interfaceId }];
    expect(patch(container({ [name]: 1 }, env))).toEqual([]);
  });

  it('maps the others of a container that has a resource by its own name, and adds to that one', () => {
    expect(patch(container({ [region]: 2, nlb0: 1 }))).toContainEqual({
      op: 'add',
      path: `${resources}/limits/fpga.intel.com~1${region}`,
      value: '3',
    });
    expect(patch(container({ [af]: 1, nlb0: 1 }))).toHaveLength(5);
  });

  it('keeps variables, their order and where they come from, and needs no escaping', () => {
    const env = [
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
      { name: 'A', value: 'say "hello"\n' },
      { name: 'FPGA_REGION_1', value: 'mine' },
      { name: 'FPGA_AFU_1', value: 'mine' },
      { name: 'BOTH', value: '$(A)' },
    ];
    const operations = patch(container({ nlb0: 1 }, env));
    expect(environment(operations)).toEqual([
      [{ name: 'FPGA_REGION_1', value: interfaceId }, { name: 'FPGA_AFU_1', value: nlb0 }, env[0], env[1], env[4]],
    ]);
    expect(JSON.parse(JSON.stringify(operations))).toEqual(operations);
  });

  it.each(['nlb0-ready', 'arria10'])('takes out variables of a user who requests %s', (name) => {
    const env = [{ name: 'FPGA_REGION_1', value: interfaceId }, { name: 'FPGA_AFU_1', value: nlb3 }, { name: 'A' }];
    expect(environment(patch(container({ [name]: 1 }, env)))).toEqual([[{ name: 'A' }]]);
  });

  it('patches init containers, numbering each container by itself', () => {
    const spec = { initContainers: [container({ nlb3: 1 })], containers: [{}, container({ nlb0: 1 })] };
    const operations = patchPod({ spec }, mappings);
    expect(operations.map(({ path }) => path.replace(/\/resources.*/, ''))).toEqual([
      ...Array.from({ length: 4 }, () => '/spec/initContainers/0'),
      '/spec/initContainers/0/env',
      ...Array.from({ length: 4 }, () => '/spec/containers/1'),
      '/spec/containers/1/env',
    ]);
    expect(environment(operations)).toMatchObject([
      [{ name: 'FPGA_REGION_1' }, {}],
      [{ name: 'FPGA_REGION_1' }, {}],
    ]);
  });

  it('has nothing to do with pods of others', () => {
    expect(patchPod({}, mappings)).toEqual([]);
    expect(patch({}, { resources: { limits: { 'gpu.intel.com/i915': 1 } }, env: [{ name: 'FPGA_AFU_1' }] })).toEqual(
      [],
    );
  });

  it.each<[string, PatchableContainer, string]>([
    ['an unknown resource', container({ nlb9: 1 }), 'there is no resource fpga.intel.com/nlb9'],
    [
      'a part of a number',
      container({ nlb0: '1.1' }),
      'the quantity of fpga.intel.com/nlb0 must be a whole number, not "1.1"',
    ],
    [
      'more than any node has',
      container({ nlb0: 64, nlb3: 1 }),
      'a container cannot have 65 FPGAs: at most 64, more than a node has',
    ],
    [
      'several modes',
      container({ nlb0: 1, arria10: 1 }),
      'a container cannot have FPGAs in several modes: regiondevel, region',
    ],
    [
      'limits only',
      { resources: { limits: { 'fpga.intel.com/nlb0': 1 } } },
      'limits and requests of fpga.intel.com/nlb0 must be equal; they are 1 and none',
    ],
    [
      'requests only',
      { resources: { requests: { 'fpga.intel.com/nlb0': 1 } } },
      'limits and requests of fpga.intel.com/nlb0 must be equal; they are none and 1',
    ],
    [
      'unequal numbers',
      { resources: { limits: { 'fpga.intel.com/nlb0': 1 }, requests: { 'fpga.intel.com/nlb0': 2 } } },
      'limits and requests of fpga.intel.com/nlb0 must be equal; they are 1 and 2',
    ],
  ])('refuses %s', (_, asked, message) => {
    expect(() => patch(asked)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }) as Error);
  });

  it('gives a pod that it does not change again, whatever is requested', () => {
    const counts = fc.dictionary(fc.constantFrom('nlb0', 'nlb3', region), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(counts, (wished) => {
        const units = Object.values(wished).reduce((sum, count) => sum + count, 0);
        const first = patch(container(wished));
        const isMapped = 'nlb0' in wished || 'nlb3' in wished;
        const patched = isMapped ? container({ [region]: units }) : container(wished);
        expect(
          first.filter(({ path }) => path.endsWith(region)).map((operation) => 'value' in operation && operation.value),
        ).toEqual(isMapped ? [String(units), String(units)] : []);
        expect(patch(patched)).toEqual([]);
      }),
    );
  });
});

describe('acceleratorFunctionMapping()', () => {
  it.each([
    [
      { interfaceId: 'unparsable', afuId: nlb0, mode: 'af' },
      'mapping x: interfaceId "unparsable" is no id of hexadecimal digits',
    ],
    [{ interfaceId, afuId: '', mode: 'af' }, 'mapping x: afuId "" is no id of hexadecimal digits'],
    [{ interfaceId, afuId: nlb0, mode: 'afX' }, 'mapping x: mode "afX" is neither af nor region'],
  ])('refuses %j', (spec, message) => {
    expect(() => acceleratorFunctionMapping('x', spec)).toThrow(message);
    if (spec.interfaceId !== interfaceId) expect(() => fpgaRegionMapping('x', spec)).toThrow(message);
  });

  it.each(['af', 'region'])('takes ids as the plugin and the hook do, with mode %s', (mode) => {
    const plain = acceleratorFunctionMapping('x', { interfaceId, afuId: nlb0, mode });
    const uuid = `${nlb0.slice(0, 8)}-${nlb0.slice(8, 12)}-${nlb0.slice(12, 16)}-${nlb0.slice(16, 20)}-${nlb0.slice(20)}`;
    const other = { interfaceId: interfaceId.toUpperCase(), afuId: uuid, mode };
    expect(acceleratorFunctionMapping('x', other)).toEqual(plain);
    expect(fpgaRegionMapping('x', other)).toEqual(fpgaRegionMapping('x', { interfaceId }));
  });

  it('refuses an id that is null', () => {
    const spec = { interfaceId: null as unknown as string };
    expect(() => fpgaRegionMapping('x', spec)).toThrow('mapping x: interfaceId null is no id of hexadecimal digits');
  });
});
