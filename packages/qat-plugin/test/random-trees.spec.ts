// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resourceNameProblem } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type FixtureEntry, type FixtureTree } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QatFlags } from '../src/options.ts';
import { deviceGenerations } from '../src/sysfs/device-generations.ts';
import { drivers, pfTree, type PfFixture, type VfFixture } from './fixtures/qat-host.ts';
import { devicesOf, scanOnce } from './scan-once.ts';

const all = deviceGenerations.map(({ vfDriver }) => vfDriver).join(',');
const pfDrivers = deviceGenerations.map(({ pfDriver }) => pfDriver);

const text = fc.oneof(
  fc.constantFrom(
    'sym;asym\n',
    'dc\n',
    'sym;dc\n',
    'asym;sym;dc\n',
    '\n',
    '',
    '-;-',
    'A;B',
    'up\n',
    'down\n',
    '-1\n\0',
    '0\n\0',
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const file: fc.Arbitrary<FixtureEntry> = fc.oneof(
  { weight: 6, arbitrary: text },
  fc.constant(dir()),
  fc.constant(link('nowhere')),
  fc.constant(link('/sys/bus')),
);
/** Few addresses, so that PFs have VFs in common, and are VFs. */
const bdf = fc
  .tuple(fc.constantFrom('0000', '10000'), fc.nat(70), fc.nat(2), fc.nat(7))
  .map(([domain, bus, device, fn]) => `${domain}:${bus.toString(16).padStart(2, '0')}:0${device}.${fn}`);

const vf: fc.Arbitrary<VfFixture> = fc.record(
  {
    bdf,
    id: fc.constantFrom('4941', '37c9', '1234', 'nonsense'),
    driver: fc.constantFrom('vfio-pci', '4xxxvf', 'missing'),
    group: fc.nat(40).map(String),
    files: fc.dictionary(fc.constantFrom('device', 'iommu_group/name', 'uio/uio0', 'vfio-dev/vfio1', 'vendor'), file, {
      maxKeys: 1,
    }),
  },
  { requiredKeys: ['bdf'] },
);

const pf: fc.Arbitrary<PfFixture> = fc.record(
  {
    bdf,
    driver: fc.constantFrom(...pfDrivers),
    bridges: fc.constantFrom([], ['0000:00:01.0']),
    vfs: fc.array(vf, { maxLength: 16 }),
    files: fc.record({ 'qat/state': fc.constantFrom('up\n', 'down\n'), 'qat/cfg_services': text }),
    debug: fc.dictionary(fc.constantFrom('dev_cfg', 'heartbeat/status'), text),
  },
  { requiredKeys: ['bdf', 'driver'] },
);

const flags = fc.record({
  'kernel-vf-drivers': fc.constant(all),
  'max-num-devices': fc.constantFrom(0, 3, 2_000),
  'allocation-policy': fc.constantFrom('balanced', 'packed', undefined),
  'bind-vfs': fc.boolean(),
});
const access = fc.constantFrom<Partial<QatFlags>>(
  { 'dpdk-driver': 'vfio-pci', 'vfio-mode': 'group' },
  { 'dpdk-driver': 'vfio-pci', 'vfio-mode': 'iommufd' },
  { 'dpdk-driver': 'igb_uio' },
);

describe('any host', () => {
  it('has its VFs published, each once, under names that kubelets take', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pf, { maxLength: 64, size: 'max' }), flags, access, async (pfs, change, how) => {
        await using fixture = await hostFixture(drivers('vfio-pci', '4xxxvf'));
        for (const tree of pfs.map(pfTree)) addWhatFits(fixture.root, tree);
        const tree = await scanOnce(fixture.root, { ...change, ...how });
        const ids = [...tree.resources.values()].flatMap((devices) => [...devices.keys()]);
        expect(new Set(ids)).toHaveLength(ids.length);
        expect(ids.length).toBeLessThanOrEqual(change['max-num-devices']);
        for (const resource of tree.resources.keys()) {
          expect(resourceNameProblem(`qat.intel.com/${resource}`)).toBeUndefined();
        }
        for (const { health, nodes } of Object.values(devicesOf(tree))) {
          expect(health === 'Unhealthy' || nodes.length > 0).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });
});

/** Random trees have files where others have directories: the first one stays. Synchronous, for there are some thousand files in each. */
function addWhatFits(root: string, tree: FixtureTree): void {
  for (const [path, entry] of Object.entries(tree)) {
    const place = join(root, path);
    try {
      mkdirSync(dirname(place), { recursive: true });
      if (typeof entry === 'string') writeFileSync(place, entry);
      else if (entry.kind === 'link') symlinkSync(entry.target, place);
      else mkdirSync(place);
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(EEXIST|EISDIR|ENOTDIR|ENOENT|EPERM)$/) as string });
    }
  }
}
