// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { AdfDevice } from './adf-ctl-status.ts';
import { usableDevices } from './usable-devices.ts';

const device = (type: string, index: number, isUp = true): AdfDevice => ({
  id: `dev${index}`,
  type,
  address: `0000:3b:0${index}.0`,
  isUp,
});
const devices = (...types: string[]) => types.map((type, index) => device(type, index));

describe('usableDevices()', () => {
  it('A-K1: takes three physical functions without an IOMMU', () => {
    expect(usableDevices(devices('c6xx', 'c6xx', 'c6xx'), false).usable).toHaveLength(3);
  });

  it('A-K2: leaves out the one that is down', () => {
    const { usable, leftOut } = usableDevices([device('c6xx', 0), device('c6xx', 1, false), device('c6xx', 2)], false);
    expect(usable.map(({ id }) => id)).toEqual(['dev0', 'dev2']);
    expect([...leftOut]).toEqual([['c6xx_dev1', 'adf_ctl says that it is not up']]);
  });

  it('A-K3: takes only virtual functions with an IOMMU', () => {
    const found = devices('c6xx', 'c6xx', 'c6xx', 'c6xxvf', 'c6xxvf', 'c6xxvf', 'c6xxvf');
    const { usable, leftOut } = usableDevices(found, true);
    expect(usable.map(({ id }) => id)).toEqual(['dev3', 'dev4', 'dev5', 'dev6']);
    expect(leftOut.get('c6xx_dev0')).toContain('IOMMU');
  });

  it('takes physical and virtual functions without an IOMMU, as in virtual machines', () => {
    expect(usableDevices(devices('c6xx', 'c6xxvf'), false).usable).toHaveLength(2);
  });

  it.each([true, false])('A-K4: takes no 4xxx device and says why, with an IOMMU %s', (isIommuOn) => {
    const { usable, leftOut } = usableDevices(
      devices('4xxx', '4xxx', '4xxx', '4xxxvf', '4xxxvf', '4xxxvf', '4xxxvf'),
      isIommuOn,
    );
    expect(usable).toEqual([]);
    expect(leftOut).toHaveLength(7);
    expect(new Set(leftOut.values())).toEqual(new Set([expect.stringContaining('use -mode dpdk')]));
  });

  it('A-K6: with an IOMMU leaves out a type that does not end in vf, such as vqat-adi', () => {
    expect(usableDevices(devices('vqat-adi'), false).usable).toHaveLength(1);
    expect(usableDevices(devices('vqat-adi'), true).usable).toEqual([]);
  });
});
