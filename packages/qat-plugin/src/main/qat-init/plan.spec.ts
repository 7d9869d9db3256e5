// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { deviceGenerations } from '../../sysfs/device-generations.ts';
import { parseConfiguration } from './configuration.ts';
import type { HostFacts, PfFacts } from './host-facts.ts';
import { planProvisioning } from './plan.ts';
import type { Step } from './step.ts';

const bdf = '0000:6b:00.0';
const directory = `/sys/bus/pci/devices/${bdf}`;

function pfOf(driver: string, change: Partial<PfFacts> = {}): PfFacts {
  const generation = deviceGenerations.find(({ pfDriver }) => pfDriver === driver);
  if (generation === undefined) throw new Error(driver);
  const nothing = { state: undefined, services: undefined, autoReset: undefined };
  const qat = generation.hasServices ? { state: 'up', services: 'dc', autoReset: 'off' } : nothing;
  return { bdf, generation, driver, ...qat, numVfs: 0, totalVfs: 2, vfs: [], ...change };
}

const vf = (number: number, driver?: string) => ({ bdf: `0000:6b:00.${number}`, driver });
const ready = { numVfs: 2, vfs: [vf(1, 'vfio-pci'), vf(2, 'vfio-pci')] };

const plan = (text: string, ...pfs: PfFacts[]) => planWith({ pfs, hasVfioPci: true }, text);
const planWith = (facts: HostFacts, text: string) =>
  planProvisioning(facts, parseConfiguration([{ name: 'qat.conf', text }]));
const short = (step: Step) =>
  step.kind === 'write' ? `${step.path.replace(`${directory}/`, '')}=${step.text}` : `${step.bdf}<${step.from ?? ''}`;
const stepsOf = (text: string, ...pfs: PfFacts[]) => plan(text, ...pfs).steps.map(short);

describe('planProvisioning()', () => {
  it.each([
    ['nothing is wished', ''],
    ['all is as it is wished', 'ServicesEnabled=dc\nNumVFs=2\nAutoresetEnabled=off'],
    ['fewer virtual functions are wished than there are', 'NumVFs=1'],
  ])('writes nothing when %s', (_, text) => {
    expect(plan(text, pfOf('4xxx', ready))).toEqual({ steps: [], later: [] });
  });

  it('writes nothing when the services are those in another order', () => {
    expect(stepsOf('ServicesEnabled=sym;asym', pfOf('4xxx', { ...ready, services: 'asym;sym' }))).toEqual([]);
  });

  it('makes all virtual functions and says what follows', () => {
    const { steps, later } = plan('AutoresetEnabled=on', pfOf('4xxx'));
    expect(steps.map(short)).toEqual(['sriov_numvfs=2']);
    expect(later).toEqual([
      `bind the 2 virtual functions of ${bdf} that there are then to vfio-pci`,
      `automatic reset of ${bdf} off -> on (qat.conf: AutoresetEnabled)`,
    ]);
  });

  it('goes down, sets services, goes up and makes the virtual functions that went down with it', () => {
    expect(stepsOf('ServicesEnabled=sym;asym', pfOf('4xxx', ready))).toEqual([
      'qat/state=down',
      'qat/cfg_services=sym;asym',
      'qat/state=up',
      'sriov_numvfs=2',
    ]);
  });

  it('does not take down a device that is down', () => {
    const pf = pfOf('4xxx', { state: 'down' });
    expect(stepsOf('ServicesEnabled=sym\nNumVFs=0', pf)).toEqual(['qat/cfg_services=sym', 'qat/state=up']);
    expect(stepsOf('NumVFs=0', pf)).toEqual(['qat/state=up']);
  });

  it('binds the virtual functions that have another driver or none, and resets last', () => {
    const pf = pfOf('4xxx', { numVfs: 3, totalVfs: 3, vfs: [vf(1, '4xxxvf'), vf(2, 'vfio-pci'), vf(3)] });
    expect(stepsOf('AutoresetEnabled=on', pf)).toEqual(['0000:6b:00.1<4xxxvf', '0000:6b:00.3<', 'qat/auto_reset=on']);
    expect(stepsOf('NumVFs=1', pf)).toEqual(['0000:6b:00.1<4xxxvf']);
  });

  it('goes over 0 to more virtual functions', () => {
    expect(stepsOf('NumVFs=4', pfOf('4xxx', { ...ready, totalVfs: 4 }))).toEqual(['sriov_numvfs=0', 'sriov_numvfs=4']);
  });

  it('removes virtual functions when none are wished, and needs no vfio-pci then', () => {
    const pf = pfOf('4xxx', ready);
    expect(planWith({ pfs: [pf], hasVfioPci: false }, 'NumVFs=0').steps.map(short)).toEqual(['sriov_numvfs=0']);
    expect(planWith({ pfs: [pfOf('4xxx')], hasVfioPci: false }, 'NumVFs=0').steps).toEqual([]);
  });

  it('sets up each device as its section says', () => {
    const other = { ...pfOf('4xxx', ready), bdf: '0000:70:00.0' };
    const steps = plan('ServicesEnabled=sym\n[0000:70:00.0]\nServicesEnabled=asym', pfOf('4xxx', ready), other).steps;
    expect(steps.filter(({ kind }) => kind === 'write').map(short)).toEqual(
      expect.arrayContaining(['qat/cfg_services=sym', '/sys/bus/pci/devices/0000:70:00.0/qat/cfg_services=asym']),
    );
  });

  it('passes over services of the node for a device without choice', () => {
    expect(stepsOf('ServicesEnabled=sym', pfOf('c6xx', ready))).toEqual([]);
  });

  const gone = { state: undefined, services: undefined, autoReset: undefined };
  it.each([
    [
      'ServicesEnabled=decomp',
      pfOf('4xxx'),
      /^qat\.conf: ServicesEnabled: "decomp" is not possible: 4xxx devices allow dcc alone.*\(0000:6b:00\.0\)$/,
    ],
    [
      'ServicesEnabled=cy',
      pfOf('6xxx'),
      /"cy" is not possible: 6xxx devices allow .* up to 3 of sym, asym, dc, decomp/,
    ],
    [
      `[${bdf}]\nServicesEnabled=sym`,
      pfOf('c6xx'),
      /^qat\.conf: \[0000:6b:00\.0\] ServicesEnabled: "sym" .* c6xx devices have no choice/,
    ],
    [
      'ServicesEnabled=sym',
      pfOf('4xxx', gone),
      /there is no .*\/qat\/cfg_services: the device has to be bound .* Linux 6\.0/,
    ],
    [
      'AutoresetEnabled=on',
      pfOf('4xxx', { ...ready, ...gone }),
      /there is no .*\/qat\/auto_reset: Linux has auto_reset since/,
    ],
    ['NumVFs=3', pfOf('4xxx'), /^qat\.conf: NumVFs is 3, but 0000:6b:00\.0 has at most 2 virtual functions$/],
    ['', pfOf('4xxx', { numVfs: undefined }), /no .*\/sriov_numvfs: SR-IOV has to be on .*\(its driver: 4xxx\)$/],
    ['', pfOf('4xxx', { totalVfs: undefined, driver: undefined }), /\(its driver: none\)$/],
    ['', pfOf('4xxx', { numVfs: 2 }), /^0000:6b:00\.0 should have 2 virtual functions and shows 0: see/],
  ])('refuses %j with all that it takes to mend it: %#', (text, pf, message) => {
    expect(() => plan(text, pf)).toThrow(message);
  });

  it.each([pfOf('4xxx'), pfOf('4xxx', { ...ready, vfs: [vf(1), vf(2)] })])('needs vfio-pci to bind to: %#', (pf) => {
    expect(() => planWith({ pfs: [pf], hasVfioPci: false }, '')).toThrow(
      'there is no /sys/bus/pci/drivers/vfio-pci to bind virtual functions to: run "modprobe vfio-pci" on the host',
    );
  });
});
