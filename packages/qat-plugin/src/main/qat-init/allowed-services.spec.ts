// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceGenerations, type DeviceGeneration } from '../../sysfs/device-generations.ts';
import { areSameServices, serviceProblem } from './allowed-services.ts';

const generation = (driver: string): DeviceGeneration => {
  const found = deviceGenerations.find(({ pfDriver }) => pfDriver === driver);
  if (found === undefined) throw new Error(driver);
  return found;
};

/** What upstream's qat-init.sh took. */
const upstreamValues = ['sym', 'asym', 'sym;asym', 'asym;sym', 'dc', 'sym;dc', 'asym;dc', 'dcc'];

describe('serviceProblem()', () => {
  it.each(['4xxx', '420xx', '6xxx'])('lets %s have what upstream lets it have, in any order', (driver) => {
    for (const value of [...upstreamValues, 'dc;sym', 'dc;asym'])
      expect(serviceProblem(generation(driver), value)).toBeUndefined();
  });

  it.each(['decomp', 'asym;sym;dc', 'asym;sym;decomp', 'sym;decomp', 'dc;sym;asym'])(
    'lets only 6xxx have %s',
    (value) => {
      expect(serviceProblem(generation('6xxx'), value)).toBeUndefined();
      expect(serviceProblem(generation('4xxx'), value)).toBe(
        'is not possible: 4xxx devices allow dcc alone, or up to 2 of sym, asym, dc with ";" between them',
      );
    },
  );

  it.each(['', 'dcc;sym', 'sym;sym', 'cy', 'SYM', 'sym,asym', 'sym;', 'sym;asym;dc;decomp', 'constructor'])(
    'lets no device have %j',
    (value) => {
      for (const device of deviceGenerations) expect(serviceProblem(device, value)).toMatch(/^is not possible: \w/);
    },
  );

  it('names a device that has no choice', () => {
    expect(serviceProblem(generation('c6xx'), 'sym')).toBe('is not possible: c6xx devices have no choice of services');
  });

  it('has a rule for each generation whose services can be chosen', () => {
    for (const device of deviceGenerations)
      expect(serviceProblem(device, 'sym') === undefined).toBe(device.hasServices);
  });
});

describe('areSameServices()', () => {
  it('takes no notice of the order', () => {
    const services = fc.uniqueArray(fc.constantFrom('sym', 'asym', 'dc', 'decomp'), { minLength: 1 });
    fc.assert(
      fc.property(services, services, (one, other) => {
        expect(areSameServices(one.join(';'), one.toReversed().join(';'))).toBe(true);
        const areSame = one.length === other.length && one.every((service) => other.includes(service));
        expect(areSameServices(one.join(';'), other.join(';'))).toBe(areSame);
      }),
    );
  });
});
