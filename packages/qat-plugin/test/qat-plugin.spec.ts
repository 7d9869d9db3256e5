// SPDX-License-Identifier: Apache-2.0
import { readListOnce } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { cryptoPf, drivers, groupNodes, pfTree, vfBdf, vfTree } from './fixtures/qat-host.ts';
import { useWorld } from './world.ts';

const world = useWorld();
const [cy, dc, generic] = ['qat.intel.com/cy', 'qat.intel.com/dc', 'qat.intel.com/generic'] as const;

/** Two PFs with two VFs each. */
const host = {
  ...drivers('vfio-pci', '4xxxvf'),
  ...pfTree(cryptoPf('6b', 2, 'sym;asym', 100)),
  ...pfTree(cryptoPf('70', 2, 'dc', 102)),
  ...groupNodes(100, 101, 102, 103),
};
const status = '/sys/kernel/debug/qat_4xxx_0000:6b:00.0/heartbeat/status';

async function listOf(resource: string): Promise<unknown> {
  return await readListOnce(world.kubelet.resources().get(resource)?.socketPath ?? '');
}

const device = (ID: string, health = 'Healthy'): unknown => ({ ID, health, topology: { nodes: [{ ID: 0 }] } });
const node = (path: string): unknown => ({ containerPath: path, hostPath: path, permissions: 'rw' });

describe('the plugin', () => {
  it('lists the VFs of each PF under its services', async () => {
    await world.start([], host);
    await world.kubelet.waitFor({ resource: cy, allocatable: 2 });
    await world.kubelet.waitFor({ resource: dc, allocatable: 2 });
    expect(await listOf(cy)).toEqual(['0000:6b:00.1', '0000:6b:00.2'].map((id) => device(id)));
    expect(await listOf(dc)).toEqual(['0000:70:00.1', '0000:70:00.2'].map((id) => device(id)));
    expect(world.kubelet.resources().get(cy)?.options).toMatchObject({
      preStartRequired: false,
      getPreferredAllocationAvailable: true,
    });
  });

  it('A-Q37 gives each container its own VFs, numbered from 0', async () => {
    await world.start([], host);
    await world.kubelet.waitFor({ resource: cy, allocatable: 2 });
    await world.kubelet.waitFor({ resource: dc, allocatable: 2 });
    const { containers } = await world.kubelet.admit({
      pod: 'p',
      containers: [
        { name: 'both', limits: { [cy]: 2 } },
        { name: 'one', limits: { [dc]: 1 } },
      ],
    });
    expect(containers.both).toEqual({
      envs: { QAT0: '0000:6b:00.1', QAT1: '0000:6b:00.2' },
      mounts: [],
      devices: ['/dev/vfio/100', '/dev/vfio/vfio', '/dev/vfio/101'].map(node),
      annotations: {},
      cdiDevices: [],
      deviceIds: { [cy]: expect.arrayContaining(['0000:6b:00.1', '0000:6b:00.2']) as string[] },
      conflicts: [],
    });
    expect(containers.one.envs).toEqual({ QAT0: containers.one.deviceIds[dc]?.[0] });
  });

  it('reports a PF that does not answer, says why once, and sees it recover', async () => {
    const plugin = await world.start([], host);
    await world.kubelet.waitFor({ resource: cy, allocatable: 2 });
    await world.host.write(status, '-1\n\0');
    await world.kubelet.waitFor({ resource: cy, capacity: 2, allocatable: 0 });
    await expect(world.kubelet.describeDevice(cy, '0000:6b:00.1')).rejects.toThrow(
      /FailedPrecondition.*the firmware of its physical function 0000:6b:00\.0 does not answer/,
    );
    await world.host.write(status, '0\n\0');
    await world.kubelet.waitFor({ resource: cy, allocatable: 2 });
    await expect.poll(() => plugin.stderr).toContain('device is healthy again');
    expect(plugin.stderr.match(/device is unhealthy.*id="0000:6b:00\.1".*does not answer/g)).toHaveLength(1);
  });

  it('follows a PF that gets other services, and keeps the resource that it had', async () => {
    await world.start([], host);
    await world.kubelet.waitFor({ resource: cy, allocatable: 2 });
    await world.host.write('/sys/devices/pci0000:6b/0000:6b:00.0/qat/cfg_services', 'dc\n');
    await world.kubelet.waitFor({ resource: dc, allocatable: 4 });
    await world.kubelet.waitFor({ resource: cy, capacity: 0 });
  });

  it('prefers VFs of different PFs when it balances', async () => {
    const pfs = ['02', '03', '04', '05'].map((bus) => pfTree(cryptoPf(bus, 4)));
    await world.start(['-allocation-policy=balanced'], Object.assign({}, ...pfs) as typeof host);
    await world.kubelet.waitFor({ resource: cy, allocatable: 16 });
    const { containers } = await world.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [cy]: 4 } }] });
    expect(Object.values(containers.c.envs)).toEqual(['02', '03', '04', '05'].map((bus) => vfBdf(bus, 0)));
  });

  it('warns of the same thing once, however often it scans', async () => {
    const vm = vfTree({ bdf: '0000:00:05.0', id: '4941', driver: 'vfio-pci', group: '7' });
    const other = vfTree({ bdf: '0000:00:06.0', id: '4941', driver: 'virtio', group: '8' });
    const plugin = await world.start(['-v=4', '-bind-vfs=false'], { ...vm, ...other });
    await world.kubelet.waitFor({ resource: generic, devices: ['0000:00:05.0'] });
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(5);
    const warnings = plugin.stderr.split('\n').filter((line) => line.startsWith('W'));
    expect(warnings.map((line) => line.replace(/^.*?\] /, ''))).toEqual([
      '"virtual functions are left out" subject="0000:00:06.0" reason="its driver is virtio, not vfio-pci"',
      '"services and health are not known" subject="0000:00:05.0" reason="a virtual machine does not see the physical function"',
      '"the NUMA node is not known" subject="0000:00:05.0" reason="it is no device node"',
    ]);
  });

  it('tells once of devices that nobody asked for, with the flag', async () => {
    const c6xx = ['3b', '3d'].map((bus) => pfTree({ bdf: `0000:${bus}:00.0`, driver: 'c6xx' }));
    const plugin = await world.start(['-v=4'], Object.assign({}, ...c6xx) as typeof host);
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(2);
    expect(plugin.stderr.match(/^W.*driver is not in -kernel-vf-drivers.*$/gm)).toEqual([
      expect.stringMatching(/count=2 first=\[.*c6xx: -kernel-vf-drivers=4xxxvf,420xxvf,c6xxvf hands out/),
    ]);
  });

  it('says once, and calmly, that a node has no QAT', async () => {
    const plugin = await world.start(['-v=4']);
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(2);
    expect(plugin.stderr.match(/^.*there are no QAT virtual functions/gm)).toEqual([expect.stringMatching(/^I/)]);
  });

  it('says once for all VFs that vfio-pci is not loaded, and what to do', async () => {
    const pf = cryptoPf('6b', 3);
    const vfs = pf.vfs?.map((vf) => ({ ...vf, driver: '4xxxvf' })) ?? [];
    const plugin = await world.start(['-v=4'], { ...drivers('4xxxvf'), ...pfTree({ ...pf, vfs }) });
    await world.kubelet.waitFor({ resource: cy, capacity: 3, allocatable: 0 });
    await expect.poll(() => plugin.stderr.match(/scan ended/g)?.length).toBeGreaterThan(2);
    expect(plugin.stderr.match(/^W.*modprobe vfio-pci.*$/gm)).toEqual([
      expect.stringMatching(/virtual functions cannot be bound" count=3/),
    ]);
  });

  it('tells of 60 VFs that are left out in one line', async () => {
    const pfs = ['02', '03', '04', '05'].map((bus) => pfTree(cryptoPf(bus, 16)));
    const plugin = await world.start(['-max-num-devices=4'], Object.assign({}, ...pfs) as typeof host);
    await world.kubelet.waitFor({ resource: cy, allocatable: 4 });
    await expect
      .poll(() => plugin.stderr.match(/virtual functions are left out.*/g))
      .toEqual([expect.stringMatching(/count=60 first=\[.*\] reason="there are more than -max-num-devices"/)]);
  });
});

describe('the process', () => {
  it.each([
    [['-dpdk-driver', 'uio'], 'wrong DPDK device driver: uio'],
    [['-mode', 'user'], 'Unknown mode: user'],
    [['-max-num-devices=-1'], 'wrong maximum number of devices: -1'],
    [['-allocation-policy='], 'wrong allocation policy:\n'],
    [['-adf-ctl-timeout=1h'], 'must be from 100ms to 1m0s'],
  ])('exits 2 for %j and registers nothing', async (args, message) => {
    const plugin = await world.start(args);
    expect(await plugin.exited).toBe(2);
    expect(plugin.stderr).toContain(message);
    expect(world.kubelet.calls).toEqual([]);
  });

  it('exits 1 with -strict when a VF cannot be handed out, and says which', async () => {
    const plugin = await world.start(['-strict'], vfTree({ bdf: '0000:00:05.0', id: '4941', driver: 'vfio-pci' }));
    expect(await plugin.exited).toBe(1);
    expect(plugin.stderr).toContain('0000:00:05.0 cannot be offered: it has no IOMMU group');
  });

  it('takes -debug for -v=4, with a warning', async () => {
    const plugin = await world.start(['-debug'], host);
    await expect.poll(() => plugin.stderr).toContain('scan ended');
    expect(plugin.stderr).toMatch(/^W.*-debug is an old name for -v=4/m);
    expect(await plugin.stop()).toBe(0);
  });
});
