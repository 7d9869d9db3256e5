// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFakeGpuSpec } from './fake-gpu-spec.ts';
import { fakeGpuTree } from './fake-gpu-tree.ts';

describe('parseFakeGpuSpec()', () => {
  it('takes what is left out for nothing', () => {
    expect(parseFakeGpuSpec('{"DevCount":1}')).toMatchObject({ DevMemSize: 0, Driver: 'i915', DeviceId: '0x4905' });
  });

  it("takes upstream's own keys for the output, and does not mind them", () => {
    expect(parseFakeGpuSpec('{"DevCount":1,"Path":"/tmp","NfdDir":"/tmp"}').DevCount).toBe(1);
  });

  it.each([
    ['', 'no JSON'],
    ['[]', 'has to be a JSON object'],
    ['null', 'has to be a JSON object'],
    ['{}', 'DevCount: 0 is not from 1 to 128'],
    ['{"DevCount":129}', 'DevCount: 129 is not from 1 to 128'],
    ['{"DevCount":1.5}', 'DevCount: has to be a whole number'],
    ['{"DevCount":-1}', 'DevCount: has to be a whole number'],
    ['{"DevCount":"1"}', 'DevCount: has to be a whole number'],
    ['{"DevCount":1,"DevMemSize":1048577}', 'DevMemSize: 1048577 is not a whole number of MiB'],
    ['{"DevCount":2,"DevsPerNode":3}', 'DevsPerNode: 3 is more than DevCount, 2'],
    ['{"DevCount":4,"VfsPerPf":1,"TilesPerDev":1}', 'VfsPerPf: does not go together'],
    ['{"DevCount":4,"VfsPerPf":1,"DevsPerNode":1}', 'VfsPerPf: does not go together'],
    ['{"DevCount":4,"VfsPerPf":2}', 'VfsPerPf: 4 devices are no whole number'],
    ['{"DevCount":1,"TilesPerDev":11}', 'TilesPerDev: 11 is more than 10'],
    ['{"DevCount":1,"Tiles":1}', 'Tiles: there is no such key'],
    ['{"DevCount":1,"Driver":"../x"}', 'Driver: ../x is neither'],
    ['{"DevCount":1,"DeviceId":"0x49"}', 'DeviceId: 0x49 is no PCI id'],
    ['{"DevCount":1,"Info":1}', 'Info: has to be a text'],
    ['{"DevCount":1,"Capabilities":[]}', 'Capabilities: has to be an object'],
    ['{"DevCount":1,"Capabilities":{"platform":1}}', 'Capabilities.platform: has to be one line'],
    ['{"DevCount":1,"Capabilities":{"platform":"a\\nb"}}', 'Capabilities.platform: has to be one line'],
    ['{"DevCount":1,"Capabilities":{"connections":"0.0-1.0_"}}', 'Capabilities.connections: is no list'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseFakeGpuSpec(text)).toThrow(problem);
  });

  it('refuses whatever else it is given with an error of ours, or takes it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), anySpec), (text) => {
        try {
          expect(Object.keys(fakeGpuTree(parseFakeGpuSpec(text))).every((path) => !path.includes('..'))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
        }
      }),
    );
  });
});

const anySpec = fc
  .record({
    DevCount: fc.nat(140),
    TilesPerDev: fc.nat(4),
    DevsPerNode: fc.nat(3),
    VfsPerPf: fc.nat(3),
    Driver: fc.constantFrom('i915', 'xe'),
  })
  .map((spec) => JSON.stringify(spec));
