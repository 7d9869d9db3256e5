// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { dir, hostFixture, link, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cryptoPf, drivers, pfTree, vfBdf } from './fixtures/qat-host.ts';
import { healthOf, scanOnce } from './scan-once.ts';

const buses = ['02', '03', '04', '05'];
const bad = vfBdf('03', 4);
const badDirectory = `/sys/devices/pci0000:03/${bad}`;
let fixture: HostFixture;

beforeEach(async () => {
  const pfs = buses.map((bus) => pfTree(cryptoPf(bus, 16)));
  fixture = await hostFixture(Object.assign(drivers('vfio-pci', '4xxxvf'), ...pfs) as FixtureTree);
});

afterEach(async () => {
  await fixture.dispose();
});

async function expectOthersHealthy(badHealth: string | undefined): Promise<void> {
  const { [`cy ${bad}`]: health, ...others } = healthOf(await scanOnce(fixture.root));
  expect(health).toBe(badHealth);
  expect(Object.keys(others)).toHaveLength(63);
  expect(new Set(Object.values(others))).toEqual(new Set(['Healthy']));
}

describe('one bad VF of 64', () => {
  it('is unhealthy without an IOMMU group', async () => {
    await fixture.remove(`${badDirectory}/iommu_group`);
    await expectOthersHealthy('Unhealthy');
  });

  it('is unhealthy when its driver does not let it go', async () => {
    await fixture.link(`${badDirectory}/driver`, '../../../bus/pci/drivers/broken');
    await fixture.add({ '/sys/bus/pci/drivers/broken/unbind': dir() });
    await expectOthersHealthy('Unhealthy');
  });

  it('is unhealthy when it cannot be bound', async () => {
    await fixture.remove(`${badDirectory}/driver`);
    await fixture.add({ '/sys/bus/pci/drivers/vfio-pci/bind': dir() });
    await expectOthersHealthy('Unhealthy');
  });

  it('is unhealthy when what tells of its group cannot be read', async () => {
    await fixture.add({ [`${badDirectory}/iommu_group`]: link('loop'), [`${badDirectory}/loop`]: link('iommu_group') });
    await fixture.add({ [`${badDirectory}/iommu_group`]: dir(), [`${badDirectory}/iommu_group/name`]: dir() });
    await expectOthersHealthy('Unhealthy');
  });

  it('is left out when its link leads in circles', async () => {
    await rm(fixture.path(badDirectory), { recursive: true });
    await fixture.add({ [badDirectory]: link(bad) });
    await expectOthersHealthy(undefined);
  });

  it('is left out when it vanishes', async () => {
    await fixture.remove(badDirectory);
    await expectOthersHealthy(undefined);
  });
});
