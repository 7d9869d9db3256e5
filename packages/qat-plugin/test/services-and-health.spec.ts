// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { dir, hostFixture, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { QatFlags } from '../src/options.ts';
import { cryptoPf, groupNodes, pfTree, vfTree, type PfFixture } from './fixtures/qat-host.ts';
import { devicesOf, healthOf, scanOnce } from './scan-once.ts';

let fixture: HostFixture | undefined;

afterEach(async () => {
  await fixture?.dispose();
  fixture = undefined;
});

async function scan(tree: FixtureTree, flags: Partial<QatFlags> = {}): ReturnType<typeof scanOnce> {
  fixture = await hostFixture({ '/dev/vfio': dir(), ...tree });
  return await scanOnce(fixture.root, flags);
}

const dc = '[GENERAL]\nServicesEnabled = dc\n';

/** A PF with one VF that tells of itself only in these files. */
function pf(bus: string, change: Partial<PfFixture>): PfFixture {
  return { ...cryptoPf(bus, 1), files: {}, debug: {}, ...change };
}

describe('the resource', () => {
  const up = (services: string): NonNullable<PfFixture['files']> => ({
    'qat/state': 'up\n',
    'qat/cfg_services': services,
  });
  const c6xx: PfFixture = { ...pf('02', { driver: 'c6xx', files: up('dc\n') }) };
  const cases: [string, PfFixture, Partial<QatFlags>, string][] = [
    ['A-Q24 of dev_cfg in debugfs', pf('02', { debug: { dev_cfg: dc } }), {}, 'dc'],
    ['A-Q25 of sysfs', pf('02', { files: up('sym;asym\n') }), {}, 'cy'],
    ['of sysfs rather than of debugfs', pf('02', { files: up('sym\n'), debug: { dev_cfg: dc } }), {}, 'sym'],
    [
      'A-Q26 of the sixth generation',
      pf('02', { driver: '6xxx', files: up('decomp\n') }),
      { 'kernel-vf-drivers': '6xxxvf' },
      'decomp',
    ],
    [
      'A-Q32 generic while the PF is down',
      pf('02', { files: { 'qat/state': 'down\n', 'qat/cfg_services': 'dc\n' } }),
      {},
      'generic',
    ],
    ['A-Q33 generic with empty cfg_services', pf('02', { files: up('\n') }), {}, 'generic'],
    ['A-Q33 generic with a dev_cfg without services', pf('02', { debug: { dev_cfg: '[GENERAL]\n' } }), {}, 'generic'],
    ['generic with a dev_cfg that is none', pf('02', { debug: { dev_cfg: 'nonsense' } }), {}, 'generic'],
    ['generic with services that are none', pf('02', { files: up('sym; rm\n') }), {}, 'generic'],
    ['generic with more services than there are', pf('02', { files: up('a;b;c;d\n') }), {}, 'generic'],
    [
      'A-Q34 of debugfs, where ; begins no comment',
      pf('02', { debug: { dev_cfg: '[GENERAL]\nServicesEnabled = sym;dc\n' } }),
      {},
      'sym-dc',
    ],
    [
      'A-Q36 of a PF behind bridges',
      pf('02', { bridges: ['0000:00:01.0', '0000:01:00.0'], debug: { dev_cfg: dc } }),
      {},
      'dc',
    ],
    ['generic of generations without a choice', c6xx, { 'kernel-vf-drivers': 'c6xxvf' }, 'generic'],
  ];

  it.each(cases)('is that %s', async (_, physicalFunction, flags, resource) => {
    expect(healthOf(await scan(pfTree(physicalFunction), flags))).toEqual({ [`${resource} 0000:02:00.1`]: 'Healthy' });
  });

  it('is generic when the files cannot be read', async () => {
    const unreadable = { '/sys/devices/pci0000:02/0000:02:00.0/qat/state': dir() };
    const tree = await scan({ ...pfTree(pf('02', { debug: { dev_cfg: dc } })), ...unreadable });
    expect(healthOf(tree)).toEqual({ 'generic 0000:02:00.1': 'Healthy' });
  });

  it('A-Q27 is that of each PF', async () => {
    const pfs = [
      pf('02', { debug: { dev_cfg: dc } }),
      pf('03', { debug: { dev_cfg: '[GENERAL]\nServicesEnabled = sym;asym\n' } }),
    ];
    const bars = ['0000:02:00.1', '0000:03:00.1'];
    expect(
      healthOf(await scan(Object.assign({}, ...pfs.map(pfTree)) as FixtureTree, { 'max-num-devices': 2 })),
    ).toEqual({
      [`dc ${bars[0]}`]: 'Healthy',
      [`cy ${bars[1]}`]: 'Healthy',
    });
  });

  it('is that of a PF of another driver too, where no PF has its own', async () => {
    const vfioPf = pf('02', { driver: 'vfio-pci', files: up('dc\n') });
    expect(healthOf(await scan(pfTree(vfioPf)))).toEqual({ 'dc 0000:02:00.1': 'Healthy' });
  });
});

describe('health', () => {
  const flags: Partial<QatFlags> = { 'kernel-vf-drivers': '4xxxvf,c6xxvf', 'max-num-devices': 3 };
  const withStatus = (text: string): PfFixture => ({ ...cryptoPf('02', 1), debug: { 'heartbeat/status': text } });
  const cases: [string, string, string][] = [
    ['A-Q28', '-1', 'Unhealthy'],
    ['A-Q29', '0', 'Healthy'],
    ['A-Q31', '-1\n\0', 'Unhealthy'],
    ['A-Q31', '0\n\0', 'Healthy'],
  ];

  it.each(cases)('%s is for the heartbeat %j %s', async (_, text, health) => {
    expect(healthOf(await scan(pfTree(withStatus(text)), flags))).toEqual({ 'cy 0000:02:00.1': health });
  });

  it('A-Q30 is bad for all VFs of a PF, whatever its generation', async () => {
    const c6xx = { ...cryptoPf('02', 2), driver: 'c6xx', debug: { 'heartbeat/status': '-1\n\0' } };
    const tree = await scan(pfTree(c6xx), flags);
    expect(healthOf(tree)).toEqual({ 'generic 0000:02:00.1': 'Unhealthy', 'generic 0000:02:00.2': 'Unhealthy' });
    const reason = 'the firmware of its physical function 0000:02:00.0 does not answer';
    expect(Object.values(devicesOf(tree))).toMatchObject([{ healthReason: reason }, { healthReason: reason }]);
  });

  it('A-Q36 is bad behind bridges too', async () => {
    const nested = { ...withStatus('-1\n\0'), bridges: ['0000:00:01.0'] };
    expect(healthOf(await scan(pfTree(nested), flags))).toEqual({ 'cy 0000:02:00.1': 'Unhealthy' });
  });

  it('does not end a strict plugin', async () => {
    const tree = await scan(pfTree(withStatus('-1\n\0')), { ...flags, strict: true });
    expect(healthOf(tree)).toEqual({ 'cy 0000:02:00.1': 'Unhealthy' });
  });

  it('is good where the heartbeat cannot be read', async () => {
    const unreadable = { '/sys/kernel/debug/qat_4xxx_0000:02:00.0/heartbeat/status': dir() };
    const tree = await scan({ ...pfTree({ ...cryptoPf('02', 1), debug: {} }), ...unreadable }, flags);
    expect(healthOf(tree)).toEqual({ 'cy 0000:02:00.1': 'Healthy' });
  });

  it('is asked once for each PF in a scan, since the firmware is asked each time', async () => {
    const read: string[] = [];
    class WatchedHost extends Host {
      override probeText(path: string): Promise<string | undefined> {
        read.push(path);
        return super.probeText(path);
      }
    }
    fixture = await hostFixture({ ...pfTree(cryptoPf('02', 16)), ...pfTree(cryptoPf('03', 16)) });
    await scanOnce(new WatchedHost(fixture.root));
    expect(read).toEqual(['02', '03'].map((bus) => `/sys/kernel/debug/qat_4xxx_0000:${bus}:00.0/heartbeat/status`));
  });
});

describe('topology', () => {
  it('is that of the members of the IOMMU group', async () => {
    const tree = await scan({ ...pfTree(cryptoPf('02', 2)), ...groupNodes(100, 101) });
    const topology = { nodes: [{ ID: 0 }] };
    expect(Object.values(devicesOf(tree))).toMatchObject([{ topology }, { topology }]);
  });

  it('is left out for a group that the kernel made up', async () => {
    const name = { '/sys/kernel/iommu_groups/100/name': 'vfio-noiommu\n' };
    const [vf] = cryptoPf('02', 1).vfs ?? [];
    const tree = await scan({ ...vfTree(vf ?? { bdf: '' }), ...groupNodes(100), ...name });
    expect(Object.values(devicesOf(tree)).map((device) => device.topology)).toEqual([undefined]);
  });
});
