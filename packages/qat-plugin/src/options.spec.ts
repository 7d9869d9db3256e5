// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { flagsWith } from '../test/scan-once.ts';
import { parseQatOptions, type DpdkOptions, type QatFlags } from './options.ts';
import { deviceGenerations } from './sysfs/device-generations.ts';

const c6xxvf: Partial<QatFlags> = { 'kernel-vf-drivers': 'c6xxvf' };

describe('parseQatOptions()', () => {
  it('takes the defaults of upstream', () => {
    expect(parseQatOptions(flagsWith())).toEqual({
      mode: 'dpdk',
      dpdkDriver: 'vfio-pci',
      vfioMode: 'group',
      generations: deviceGenerations.filter(({ vfDriver }) => ['4xxxvf', '420xxvf'].includes(vfDriver)),
      maxDevices: 64,
      allocationPolicy: undefined,
      bindVfs: true,
      isStrict: false,
      scanPeriodMs: 3_600_000,
    });
  });

  const wrong: [string, Partial<QatFlags>, string][] = [
    ['A-Q1', { ...c6xxvf, 'dpdk-driver': 'uio' }, 'wrong DPDK device driver: uio'],
    ['A-Q2', { 'kernel-vf-drivers': 'c6xxxvf' }, 'wrong kernel VF driver: c6xxxvf'],
    ['A-Q3', { 'kernel-vf-drivers': 'c6xxvf:d15xxvf' }, 'wrong kernel VF driver: c6xxvf:d15xxvf'],
    ['A-Q5', { 'allocation-policy': 'none' }, 'wrong allocation policy: none'],
    ['A-Q5', { 'allocation-policy': '' }, 'wrong allocation policy: '],
    ['A-Q5', { 'allocation-policy': 'random' }, 'wrong allocation policy: random'],
    ['A-Q6', { 'kernel-vf-drivers': 'c6xxvf, d15xxvf' }, 'wrong kernel VF driver:  d15xxvf'],
    ['A-Q6', { 'kernel-vf-drivers': '' }, 'wrong kernel VF driver: '],
    ['a negative number', { 'max-num-devices': -1 }, 'wrong maximum number of devices: -1'],
    ['another mode', { mode: 'user', 'dpdk-driver': 'uio' }, 'Unknown mode: user'],
    [
      'IOMMUFD without VFIO',
      { 'dpdk-driver': 'igb_uio', 'vfio-mode': 'iommufd' },
      '-vfio-mode=iommufd is possible with -dpdk-driver=vfio-pci only',
    ],
    ['the driver first', { 'dpdk-driver': 'uio', 'kernel-vf-drivers': '' }, 'wrong DPDK device driver: uio'],
    ['VF drivers next', { 'kernel-vf-drivers': '', 'allocation-policy': '' }, 'wrong kernel VF driver: '],
  ];

  it.each(wrong)('refuses %s %j', (_, change, message) => {
    const thrown = expect.objectContaining({ code: 'FLAG_INVALID', message }) as Error;
    expect(() => parseQatOptions(flagsWith(change))).toThrow(thrown);
  });

  it('A-Q4 takes several VF drivers in their order, each once', () => {
    const options = parseQatOptions(flagsWith({ 'kernel-vf-drivers': 'd15xxvf,c6xxvf,d15xxvf' })) as DpdkOptions;
    expect(options.generations.map(({ vfDriver }) => vfDriver)).toEqual(['d15xxvf', 'c6xxvf']);
  });

  it.each(['balanced', 'packed'] as const)('A-Q5 takes the policy %s', (policy) => {
    expect(parseQatOptions(flagsWith({ 'allocation-policy': policy }))).toMatchObject({ allocationPolicy: policy });
  });

  it('takes 0 devices', () => {
    expect(parseQatOptions(flagsWith({ 'max-num-devices': 0 }))).toMatchObject({ maxDevices: 0 });
  });

  it('looks at no flag of the other mode in mode kernel', () => {
    expect(parseQatOptions(flagsWith({ mode: 'kernel', 'dpdk-driver': 'uio', 'max-num-devices': -1 }))).toEqual({
      mode: 'kernel',
      adfCtl: { path: 'adf_ctl', timeoutMs: 5_000 },
      scanPeriodMs: 3_600_000,
    });
  });
});
