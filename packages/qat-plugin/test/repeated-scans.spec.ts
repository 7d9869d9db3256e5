// SPDX-License-Identifier: Apache-2.0
import { Host, requestRescan, type DevicePlugin, type DeviceTree } from '@kube-device-plugins/core';
import { dir, hostFixture, RecordingNotifier, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { parseQatOptions, type QatFlags } from '../src/options.ts';
import { createQatPlugin } from '../src/plugin.ts';
import { cryptoPf, groupNodes, pfTree, vfTree } from './fixtures/qat-host.ts';
import { devicesOf, flagsWith, healthOf } from './scan-once.ts';

let fixture: HostFixture;
let plugin: DevicePlugin;
let notifier: RecordingNotifier;
let stop: AbortController;
let scanning: Promise<void>;
const reads: string[] = [];
const unreadable: string[] = [];

/** A host that tells what is read of it. */
class WatchedHost extends Host {
  override readText(path: string): Promise<string | undefined> {
    reads.push(path);
    return super.readText(path);
  }

  override probeText(path: string): Promise<string | undefined> {
    reads.push(path);
    return super.probeText(path);
  }

  override async list(path: string): Promise<string[]> {
    try {
      return await super.list(path);
    } catch (error) {
      unreadable.push(path);
      throw error;
    }
  }
}

afterEach(async () => {
  stop.abort();
  await scanning;
  await fixture.dispose();
});

async function start(tree: FixtureTree, flags: Partial<QatFlags> = {}): Promise<DeviceTree> {
  fixture = await hostFixture({ '/dev/vfio': dir(), ...tree });
  plugin = createQatPlugin(new WatchedHost(fixture.root), parseQatOptions(flagsWith(flags)));
  notifier = new RecordingNotifier();
  stop = new AbortController();
  const first = notifier.next();
  scanning = plugin.scan(notifier, stop.signal);
  return await first;
}

async function scanAgain(): Promise<DeviceTree> {
  reads.length = 0;
  const next = notifier.next();
  requestRescan();
  return await next;
}

describe('a scan after another', () => {
  it('hands on the very same tree while nothing changes', async () => {
    const first = await start({ ...pfTree(cryptoPf('02', 4)), ...groupNodes(100, 101, 102, 103) });
    expect(await scanAgain()).toBe(first);
    expect(await scanAgain()).toBe(first);
  });

  it('reads no file of a VF that it knows, and three of each PF', async () => {
    await start({ ...pfTree(cryptoPf('02', 16)), ...groupNodes(...Array.from({ length: 16 }, (_, i) => 100 + i)) });
    await scanAgain();
    const pf = '/sys/devices/pci0000:02/0000:02:00.0';
    expect(reads).toEqual([
      `${pf}/qat/state`,
      `${pf}/qat/cfg_services`,
      '/sys/kernel/debug/qat_4xxx_0000:02:00.0/heartbeat/status',
    ]);
  });

  it('sees another IOMMU group of a VF, and that it has no IOMMU', async () => {
    const [vf = { bdf: '' }] = cryptoPf('02', 1).vfs ?? [];
    const name = { '/sys/kernel/iommu_groups/7/name': 'vfio-noiommu\n' };
    await start(vfTree(vf));
    // The kernel names a group before it puts a device into it.
    await fixture.add({ ...name, ...vfTree({ ...vf, group: '7' }) });
    const [device] = Object.values(devicesOf(await scanAgain()));
    expect(device?.nodes[0]?.hostPath).toBe('/dev/vfio/noiommu-7');
    expect(Object.values(devicesOf(await scanAgain()))).toEqual([device]);
  });

  it('looks for the NUMA node until it is known', async () => {
    await start(pfTree(cryptoPf('02', 1)));
    await fixture.add(groupNodes(100));
    expect(Object.values(devicesOf(await scanAgain()))).toMatchObject([{ topology: { nodes: [{ ID: 0 }] } }]);
  });

  it('keeps a resource whose VFs have gone, with none', async () => {
    await start(pfTree(cryptoPf('02', 1)));
    await fixture.write('/sys/devices/pci0000:02/0000:02:00.0/qat/cfg_services', 'dc\n');
    const tree = await scanAgain();
    expect(healthOf(tree)).toEqual({ 'dc 0000:02:00.1': 'Healthy' });
    expect([...tree.resources.keys()]).toEqual(['cy', 'dc']);
  });

  it('leaves the list as it was when the drivers cannot be read', async () => {
    await start(pfTree(cryptoPf('02', 1)));
    await fixture.remove('/sys/bus/pci/drivers/4xxx');
    await fixture.link('/sys/bus/pci/drivers/4xxx', '4xxx');
    requestRescan();
    await expect.poll(() => unreadable).toContain('/sys/bus/pci/drivers/4xxx');
    await fixture.remove('/sys/bus/pci/drivers/4xxx');
    await fixture.add(pfTree(cryptoPf('02', 1)));
    expect(healthOf(await scanAgain())).toEqual({ 'cy 0000:02:00.1': 'Healthy' });
    expect(notifier.trees.every((tree) => tree.deviceTypeCount('cy') === 1)).toBe(true);
  });
});

describe('preferences', () => {
  const containerRequests = (availableDeviceIDs: string[], allocationSize: number): never =>
    ({ containerRequests: [{ availableDeviceIDs, mustIncludeDeviceIDs: [], allocationSize }] }) as never;

  it('count PFs and not buses', async () => {
    // Two PFs of one bus, with VFs on it too.
    const [a, b] = [cryptoPf('02', 3), cryptoPf('02', 3, 'sym;asym', 200)];
    const other = {
      ...b,
      bdf: '0000:02:10.0',
      vfs: (b.vfs ?? []).map((vf) => ({ ...vf, bdf: vf.bdf.replace('00.', '11.') })),
    };
    const tree = await start({ ...pfTree(a), ...pfTree(other) }, { 'allocation-policy': 'balanced' });
    const ids = [...(tree.resources.get('cy')?.keys() ?? [])];
    const answer = await plugin.getPreferredAllocation?.(containerRequests(ids, 2));
    expect(answer).toEqual({ containerResponses: [{ deviceIDs: ['0000:02:00.1', '0000:02:11.1'] }] });
  });

  it('A-Q10 are refused where there are too few devices', async () => {
    await start(pfTree(cryptoPf('02', 1)));
    await expect(
      async () => await plugin.getPreferredAllocation?.(containerRequests(['0000:02:00.1'], 2)),
    ).rejects.toMatchObject({
      code: 'PREFERENCE_INVALID',
    });
  });
});
