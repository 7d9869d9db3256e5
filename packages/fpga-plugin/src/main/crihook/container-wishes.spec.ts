// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleOf } from './bundle.ts';
import { parseContainerWishes } from './container-wishes.ts';

const region = 'ce48969398f05f33946d560708be108a';
const afu = 'f7df405cbd7acf7222f144b0b93acd18';
const dashed = 'F7DF405C-BD7A-CF72-22F1-44B0B93ACD18';
const devices = [{ path: '/dev/intel-fpga-port.0', type: 'c', major: 243, minor: 100 }];

function config(env: readonly unknown[], linux: unknown = { devices }): string {
  return JSON.stringify({ ociVersion: '1.0.2', process: { env }, linux });
}
const both = [`FPGA_REGION_1=${region}`, `FPGA_AFU_1=${dashed}`];

describe('parseContainerWishes()', () => {
  it('reads ids as sysfs has them, in the order of their numbers, and the names of devices', () => {
    const env = ['PATH=/bin', 'odd', `FPGA_AFU_10=${afu}`, `FPGA_REGION_10=${region}`, ...both];
    expect(parseContainerWishes(config(env))).toEqual({
      regions: [
        { number: 1, interfaceId: region, afuId: afu },
        { number: 10, interfaceId: region, afuId: afu },
      ],
      deviceNames: ['intel-fpga-port.0'],
    });
  });

  it('takes the hash of an OpenCL kernel, and passes over devices without a path', () => {
    const hash = '40007c0623210742000ebc58df6f5343e668b03a';
    const linux = { devices: [null, 7, {}, { path: 7 }, { path: '/dev/a/b' }] };
    const wishes = parseContainerWishes(config([`FPGA_REGION_1=${region}`, `FPGA_AFU_1=${hash}`], linux));
    expect(wishes).toMatchObject({ regions: [{ afuId: hash }], deviceNames: ['b'] });
  });

  it.each([
    [[...both, `FPGA_AFU_2=${afu}`], 'FPGA_REGION_2'],
    [[...both, `FPGA_REGION_01=${region}`], 'FPGA_REGION_1 is there twice, as FPGA_REGION_01 too'],
  ])('drops no wish: %j', (env, message) => {
    expect(() => parseContainerWishes(config(env))).toThrow(message);
  });

  it.each([
    ['{', 'config.json of the container is not JSON'],
    ['{}', 'config.json of the container has no process.env'],
    ['{"process":null}', 'config.json of the container has no process.env'],
    [config([]), 'config.json of the container has no process.env'],
    [JSON.stringify({ process: { env: both } }), 'config.json of the container has no linux.devices'],
    [config(both, { devices: [] }), 'config.json of the container has no linux.devices'],
    [config(['PATH=/bin']), /^the container has no FPGA_REGION_1: /],
    [config([`FPGA_AFU_1=${afu}`]), /^the container has no FPGA_REGION_1: /],
    [config([`FPGA_REGION_1=${region}`, `FPGA_AFU_2=${afu}`]), /^the container has no FPGA_AFU_1: /],
    [config([`FPGA_REGION_1=${region}`, 'FPGA_AFU_1=../../../etc/shadow']), /^FPGA_AFU_1 is "\.\.\/.*no id of hex/],
    [config(['FPGA_REGION_1=']), /^FPGA_REGION_1 is "", which is no id of hexadecimal digits/],
    [config([`FPGA_REGION_1=${'F'.repeat(32)}`, both[1]]), /^FPGA_REGION_1 is all ones, which is no id/],
    [config([both[0], `FPGA_AFU_1=${'f'.repeat(40)}`]), /^FPGA_AFU_1 is all ones, which is no id/],
    [config([`FPGA_REGION_x=${region}`]), 'FPGA_REGION_x should end in a number'],
  ])('refuses %s', (text, message) => {
    expect(() => parseContainerWishes(text)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
      }) as Error,
    );
  });
});

// `npm run fuzz` gives readers of files from outside more inputs than other properties.
const runs = { numRuns: process.env['FUZZ_RUNS'] === undefined ? 2_000 : 100_000 };

describe('what a runtime writes, whatever it is', () => {
  const variable = fc.oneof(
    fc.string(),
    fc.constantFrom(...both),
    fc
      .tuple(fc.constantFrom('FPGA_REGION_', 'FPGA_AFU_'), fc.string({ maxLength: 4 }), fc.string())
      .map(([name, number, value]) => `${name}${number}=${value}`),
    fc.jsonValue(),
  );
  const configLike = fc.record(
    {
      process: fc.oneof(
        fc.record({ env: fc.oneof(fc.array(variable), fc.jsonValue()) }, { requiredKeys: [] }),
        fc.jsonValue(),
      ),
      linux: fc.oneof(
        fc.record({ devices: fc.array(fc.oneof(fc.record({ path: fc.string() }), fc.jsonValue())) }),
        fc.jsonValue(),
      ),
      bundle: fc.oneof(fc.string(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    configLike.map((value) => JSON.stringify(value)),
    fc.tuple(configLike, fc.nat()).map(([value, cut]) => JSON.stringify(value).slice(0, cut % 500)),
  );

  it.each([
    ['parseContainerWishes()', parseContainerWishes],
    ['bundleOf()', bundleOf],
  ] as const)('%s reads it or refuses it as CONFIG_INVALID', { timeout: 600_000 }, (_, parse) => {
    fc.assert(
      fc.property(text, (input) => {
        try {
          const parsed = parse(input);
          if (typeof parsed === 'string') expect(parsed.split('/')).not.toContain('..');
          else for (const { interfaceId, afuId } of parsed.regions) expect(interfaceId + afuId).toMatch(/^[\da-f]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(DevicePluginError);
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
        }
      }),
      runs,
    );
  });
});
