// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { deviceGenerations } from '../sysfs/device-generations.ts';
import type { VirtualFunction } from '../sysfs/virtual-functions.ts';
import { chooseVfs, type ChoiceOptions } from './choose-vfs.ts';

const [generation] = deviceGenerations;
const options: ChoiceOptions = {
  dpdkDriver: 'vfio-pci',
  bindVfs: true,
  maxDevices: 4,
  allocationPolicy: undefined,
};

function vf(bdf: string, pf?: string, driver = 'vfio-pci'): VirtualFunction {
  if (generation === undefined) throw new Error('there is no generation');
  return {
    bdf,
    directory: '',
    generation,
    pf: pf === undefined ? undefined : { bdf: pf, directory: '', driver: '' },
    driver,
  };
}

const found = [vf('a1', 'a'), vf('a2', 'a'), vf('a3', 'a'), vf('b1', 'b'), vf('c1', 'c'), vf('c2', 'c')];

function chosen(vfs: readonly VirtualFunction[], change: Partial<ChoiceOptions>): string {
  return chooseVfs(vfs, { ...options, ...change })
    .chosen.map(({ bdf }) => bdf)
    .join(' ');
}

describe('chooseVfs()', () => {
  it.each([
    [undefined, 4, 'a1 a2 a3 b1'],
    ['packed', 4, 'a1 a2 a3 b1'],
    // intel-device-plugins-for-kubernetes#957
    ['balanced', 4, 'a1 b1 c1 a2'],
    ['balanced', 10, 'a1 b1 c1 a2 c2 a3'],
    ['balanced', 0, ''],
  ] as const)('takes with the policy %s of at most %i %s', (allocationPolicy, maxDevices, expected) => {
    expect(chosen(found, { allocationPolicy, maxDevices })).toBe(expected);
  });

  it('keeps the order of VFs without a PF', () => {
    expect(chosen([vf('x'), vf('y'), vf('z')], { allocationPolicy: 'balanced', maxDevices: 2 })).toBe('x y');
  });

  it('says which are too many', () => {
    const { remarks } = chooseVfs(found, options);
    const reason = 'there are more than -max-num-devices';
    expect(remarks).toMatchObject([
      { subject: 'c1', reason },
      { subject: 'c2', reason },
    ]);
  });

  it('counts a VF of another driver only where it may be bound', () => {
    const vfs = [vf('a1', 'a', 'c6xxvf'), { ...vf('a2', 'a'), driver: undefined }, vf('a3', 'a')];
    expect(chosen(vfs, { maxDevices: 1 })).toBe('a1');
    expect(chosen(vfs, { maxDevices: 1, bindVfs: false })).toBe('a3');
    expect(chooseVfs(vfs, { ...options, bindVfs: false }).remarks).toMatchObject([
      { subject: 'a1', reason: 'its driver is c6xxvf, not vfio-pci' },
      { subject: 'a2', reason: 'its driver is none, not vfio-pci' },
    ]);
  });
});
