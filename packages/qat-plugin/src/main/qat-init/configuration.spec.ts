// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfiguration, wishesFor, type Configuration } from './configuration.ts';

const read = (general: string, node = '') =>
  parseConfiguration([
    { name: 'qat.conf', text: general },
    { name: 'qat-node1.conf', text: node },
  ]);
const valuesFor = (configuration: Configuration, bdf = '0000:6b:00.0') => {
  const { services, numVfs, autoReset } = wishesFor(configuration, bdf);
  return [services?.value, numVfs?.value, autoReset?.value];
};

describe('parseConfiguration()', () => {
  it('reads the keys of upstream and the number of virtual functions', () => {
    const configuration = read('ServicesEnabled=sym;asym\nAutoresetEnabled=on\nNumVFs = 4\n');
    expect(valuesFor(configuration)).toEqual(['sym;asym', 4, 'on']);
    expect(configuration.warnings).toEqual([]);
  });

  it('wishes nothing by default, and nothing where a value is empty', () => {
    expect(valuesFor(parseConfiguration([]))).toEqual([undefined, undefined, undefined]);
    expect(valuesFor(read('ServicesEnabled=\nNumVFs='))).toEqual([undefined, undefined, undefined]);
  });

  it('takes the file of the node before the general one, key by key', () => {
    const configuration = read('ServicesEnabled=dc\nAutoresetEnabled=on', 'ServicesEnabled=sym\nNumVFs=0');
    expect(valuesFor(configuration)).toEqual(['sym', 0, 'on']);
  });

  it('takes the section of a device before what is wished for all, whatever file it is in', () => {
    const configuration = read(
      'ServicesEnabled=dc\nNumVFs=2\n[0000:6b:00.0]\nServicesEnabled=asym\nNumVFs=3',
      'ServicesEnabled=sym\n[0000:6B:00.0]\nNumVFs=1',
    );
    expect(valuesFor(configuration)).toEqual(['asym', 1, undefined]);
    expect(valuesFor(configuration, '0000:70:00.0')).toEqual(['sym', 2, undefined]);
    expect(wishesFor(configuration, '0000:6b:00.0').numVfs).toEqual({
      value: 1,
      where: 'qat-node1.conf: [0000:6B:00.0] NumVFs',
      scope: 'pf',
    });
  });

  it('takes back with an empty value what is wished with less weight', () => {
    const general = 'ServicesEnabled=dc\nAutoresetEnabled=on\n[0000:6b:00.0]\nServicesEnabled=\n';
    expect(valuesFor(read(general))).toEqual([undefined, undefined, 'on']);
    expect(valuesFor(read(general, 'AutoresetEnabled='), '0000:70:00.0')).toEqual(['dc', undefined, undefined]);
  });

  it('drops white space between services', () => {
    expect(valuesFor(read('ServicesEnabled = sym ; asym'))[0]).toBe('sym;asym');
  });

  it('warns of keys that it does not know, and goes on', () => {
    const { warnings } = read('LimitDevAccess=1\nconstructor=1\n[0000:6b:00.0]\nother=1');
    expect(warnings).toEqual([
      'qat.conf: LimitDevAccess is not known; the keys are ServicesEnabled, NumVFs, AutoresetEnabled',
      expect.stringContaining('qat.conf: constructor'),
      expect.stringContaining('qat.conf: [0000:6b:00.0] other'),
    ]);
  });

  it('warns of a key that comes again, with both lines, and takes the last one', () => {
    const configuration = read('ServicesEnabled=dc\n# again\nServicesEnabled=sym');
    expect(configuration.warnings).toEqual(['qat.conf: line 1: ServicesEnabled comes again in line 3, which counts']);
    expect(valuesFor(configuration)[0]).toBe('sym');
  });

  it.each([
    ['NumVFs=many', 'qat.conf: NumVFs is "many" and has to be a whole number from 0 to sriov_totalvfs'],
    ['NumVFs=65536', 'qat.conf: NumVFs is "65536"'],
    ['NumVFs=-1', 'qat.conf: NumVFs is "-1"'],
    ['AutoresetEnabled=yes', 'qat.conf: AutoresetEnabled is "yes" and has to be on or off'],
    ['[6b:00.0]\nNumVFs=1', 'qat.conf: [6b:00.0] is not a PCI address such as [0000:6b:00.0]'],
    ['[0000:6b:00.0]\nAutoresetEnabled=1', 'qat.conf: [0000:6b:00.0] AutoresetEnabled is "1"'],
    ['ServicesEnabled', 'qat.conf: line 1: "ServicesEnabled" is neither'],
    ['ServiceEnabled=dc', 'qat.conf: ServiceEnabled is not known: ServicesEnabled must be meant'],
    ['[0000:6b:00.0]\nnumvfs=1', 'qat.conf: [0000:6b:00.0] numvfs is not known: NumVFs must be meant'],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => read(text)).toThrow(message);
  });

  it('either reads any text or names the file', () => {
    const key = fc.constantFrom('ServicesEnabled', 'NumVFs', 'AutoresetEnabled', '__proto__');
    const line = fc.oneof(
      fc.string(),
      fc.constant('[0000:6b:00.0]'),
      fc.tuple(key, fc.string()).map((pair) => pair.join('=')),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const { numVfs } = wishesFor(read(lines.join('\n')), '0000:6b:00.0');
          if (numVfs !== undefined) expect(Number.isInteger(numVfs.value)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({
            code: 'CONFIG_INVALID',
            message: expect.stringContaining('qat.conf: ') as unknown,
          });
        }
      }),
    );
  });
});
