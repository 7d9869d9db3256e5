// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch } from '../../test/apply-patch.ts';
import {
  acceleratorFunctionMapping,
  fpgaRegionMapping,
  patchPod,
  type PatchableContainer,
  type PatchablePod,
} from './patch-pod.ts';

const interfaceId = 'ce48969398f05f33946d560708be108a';
const afuId = 'd8424dc4a4a3c413f89e433683f9040b';
const region = `region-${interfaceId}`;
const mappings = [
  acceleratorFunctionMapping('nlb0', { interfaceId, afuId, mode: 'region' }),
  acceleratorFunctionMapping('nlb0-ready', { interfaceId, afuId, mode: 'af' }),
  fpgaRegionMapping('arria10', { interfaceId }),
];

/** A container that requests and is limited to these. */
function container(resources: Record<string, number>): PatchableContainer {
  const quantities = Object.fromEntries(
    Object.entries(resources).map(([name, count]) => [`fpga.intel.com/${name}`, count]),
  );
  return { resources: { limits: quantities, requests: quantities } };
}

describe('patchPod() of a pod as somebody wrote it', () => {
  const withResources = (resources: unknown): unknown => ({ spec: { containers: [{ resources }] } });

  it.each([
    ['none', {}],
    ['null', { requests: null }],
    ['of something else', { requests: { cpu: 2 } }],
  ])('refuses limits where the requests are %s', (_, requests) => {
    const resources = { limits: { 'fpga.intel.com/nlb0-ready': 1, cpu: 1 }, ...requests };
    const pod = { spec: { containers: [{ resources }] } } as unknown as PatchablePod;
    expect(() => patchPod(pod, mappings)).toThrow('fpga.intel.com/nlb0-ready must be equal; they are 1 and none');
  });

  it('asks for one where a mapping has the name of its target', () => {
    const mapping = fpgaRegionMapping(region, { interfaceId });
    const quantities = { [`fpga.intel.com/${region}`]: '1' };
    const pod = { spec: { containers: [{ resources: { limits: quantities, requests: quantities } }] } };
    expect(applyPatch(pod, patchPod(pod, [mapping]))).toEqual(pod);
  });

  it('maps each name once where one has the name of the target of another', () => {
    const chain = ['x', 'y'].map((name, index) => ({
      ...({ name, target: ['y', 'z'][index] ?? '', mode: 'af', interfaceId } as const),
    }));
    const pod = { spec: { containers: [container({ x: 1, y: 2 })] } };
    expect(applyPatch(pod, patchPod(pod, chain))).toMatchObject({
      spec: { containers: [{ resources: { limits: { 'fpga.intel.com/y': '1', 'fpga.intel.com/z': '2' } } }] },
    });
  });

  it.each<[unknown]>([
    [undefined],
    [null],
    [{ spec: null }],
    [{ spec: { containers: null, initContainers: null } }],
    [{ spec: { containers: [null, { resources: null, env: null }, { resources: { limits: null, requests: null } }] } }],
  ])('takes what is null in %j for absent', (pod) => {
    expect(patchPod(pod as PatchablePod, mappings)).toEqual([]);
  });

  it('sets variables where there were none, in every way to have none', () => {
    for (const env of [undefined, null, []]) {
      const pod = { spec: { containers: [{ ...container({ nlb0: 1 }), ...(env === undefined ? {} : { env }) }] } };
      expect(applyPatch(pod, patchPod(pod, mappings))).toMatchObject({
        spec: { containers: [{ env: [{ name: 'FPGA_REGION_1' }, { name: 'FPGA_AFU_1' }] }] },
      });
    }
  });

  it.each<[unknown, string]>([
    [7, 'the pod is no object'],
    [{ spec: [] }, '/spec is no object'],
    [{ spec: { containers: {} } }, '/spec/containers is no list'],
    [{ spec: { initContainers: ['x'] } }, '/spec/initContainers/0 is no object'],
    [{ spec: { containers: [{ env: [null] }] } }, '/spec/containers/0/env/0 has no name'],
    [{ spec: { containers: [{ env: 'x' }] } }, '/spec/containers/0/env is no list'],
    [withResources('x'), '/spec/containers/0/resources is no object'],
    [withResources({ limits: 1 }), '/spec/containers/0/resources/limits is no object'],
    [
      withResources({ limits: { 'fpga.intel.com/nlb0': null } }),
      'the quantity of fpga.intel.com/nlb0 must be a whole number, not null',
    ],
    [
      { spec: { containers: Array.from({ length: 1_001 }, () => ({})) } },
      '/spec/containers has 1001 entries: at most 1000',
    ],
    [
      { spec: { containers: [{ env: Array.from({ length: 10_001 }, () => ({ name: 'A' })) }] } },
      '/spec/containers/0/env has 10001 entries: at most 10000',
    ],
    [
      withResources({ limits: Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`r${index}`, 1])) }),
      '/spec/containers/0/resources/limits has 10001 entries: at most 10000',
    ],
  ])('refuses what is no pod: %j', (pod, message) => {
    expect(() => patchPod(pod as PatchablePod, mappings)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message }) as Error,
    );
  });

  it('throws nothing but an error of our own, and its patches can be applied', () => {
    const quantity = fc.oneof(fc.constantFrom(1, '2', 0), fc.jsonValue());
    const name = fc
      .constantFrom('nlb0', 'arria10', 'nlb0-ready', region, 'cpu')
      .map((last) => `fpga.intel.com/${last}`);
    const quantities = fc.oneof(fc.dictionary(name, quantity, { maxKeys: 2 }), fc.jsonValue());
    const containers = fc.array(
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc.record(
            {
              resources: fc.record({ limits: quantities, requests: quantities }, { requiredKeys: [] }),
              env: fc.oneof(fc.constant(null), fc.jsonValue()),
            },
            { requiredKeys: ['resources'] },
          ),
        },
        fc.jsonValue(),
      ),
      { maxLength: 3 },
    );
    const pods = fc.oneof({ weight: 5, arbitrary: fc.record({ spec: fc.record({ containers }) }) }, fc.jsonValue());
    fc.assert(
      fc.property(pods, (pod) => {
        try {
          applyPatch(pod, patchPod(pod as PatchablePod, mappings));
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
        }
      }),
    );
  });
});
