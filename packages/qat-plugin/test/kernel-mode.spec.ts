// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { dir, type FixtureTree, type RunningPlugin } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { adfCtlPrinting, adfCtlProgram, statusLine } from './adf-ctl-program.ts';
import { useWorld } from './world.ts';

const world = useWorld();
const [ssl, shim] = ['qat.intel.com/cy6_dc2', 'qat.intel.com/cy1_dc0'] as const;

const section = (name: string, cy: number, dc: number, processes: number, limit: number) =>
  `[${name}]\nNumberCyInstances = ${cy}\nNumberDcInstances = ${dc}\nNumProcesses = ${processes}\nLimitDevAccess = ${limit}\n`;
const common = section('SSL', 6, 2, 1, 0) + section('SHIM', 1, 0, 2, 0) + section('PINNED', 1, 0, 4, 1);
const addresses = ['3b', '3d', 'da'].map((bus) => `0000:${bus}:00.0`);

/** Three devices without an IOMMU. */
const host: FixtureTree = {
  'sys/class/iommu': dir(),
  'etc/c6xx_dev0.conf': `[GENERAL]\nServicesEnabled = cy;dc\n${common}${section('SHIM2', 1, 0, 2, 0)}`,
  'etc/c6xx_dev1.conf': common,
  'etc/c6xx_dev2.conf': common,
  ...Object.fromEntries(addresses.map((bdf, index) => [`sys/bus/pci/drivers/c6xx/${bdf}/uio/uio${index}`, dir()])),
};
const lines = addresses.map((bdf, index) => statusLine('c6xx', index, bdf));
const nodes = ['qat_adf_ctl', 'qat_dev_processes', 'usdm_drv', 'uio0', 'uio1', 'uio2'].map((name) => ({
  hostPath: `/dev/${name}`,
  containerPath: `/dev/${name}`,
  permissions: 'rw',
}));

async function start(...more: string[]): Promise<RunningPlugin> {
  const adfCtl = await adfCtlPrinting(world.host, [...lines, ...more]);
  return await world.start(['-mode', 'kernel', '-adf-ctl', adfCtl], host);
}

describe('mode kernel', () => {
  it('A-K8 A-K16: gives a pod the section of the device that it gets, and the nodes of all', async () => {
    await start();
    await world.kubelet.waitFor({ resource: ssl, allocatable: 1 });
    await world.kubelet.waitFor({ resource: shim, allocatable: 16 });
    expect(world.kubelet.resources().get(shim)?.options).toMatchObject({
      preStartRequired: false,
      getPreferredAllocationAvailable: false,
    });
    const { containers } = await world.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [shim]: 1 } }] });
    const [id = ''] = containers.c.deviceIds[shim] ?? [];
    const name = id.split('_', 1).join('');
    expect(containers.c).toMatchObject({ mounts: [], devices: nodes, annotations: {}, cdiDevices: [] });
    expect(containers.c.envs).toEqual({ QAT_SECTION_NAME_cy1_dc0_0: name, QAT_SECTION_NAME: name });
  });

  it('A-K14: counts the sections of each container from 0', async () => {
    await start();
    await world.kubelet.waitFor({ resource: shim, allocatable: 16 });
    const limits = { [shim]: 2 };
    const { containers } = await world.kubelet.admit({
      pod: 'p',
      containers: [
        { name: 'one', limits },
        { name: 'two', limits },
      ],
    });
    const keys = ['QAT_SECTION_NAME', 'QAT_SECTION_NAME_cy1_dc0_0', 'QAT_SECTION_NAME_cy1_dc0_1'];
    expect(Object.keys(containers.one.envs).sort()).toEqual(keys);
    expect(Object.keys(containers.two.envs).sort()).toEqual(keys);
  });

  it('A-K4: tells once why a 4xxx device is left out', async () => {
    const plugin = await start(statusLine('4xxx', 7, '0000:6b:00.0'));
    await world.kubelet.waitFor({ resource: ssl, allocatable: 1 });
    await plugin.stop();
    expect(plugin.stderr.match(/kernel mode does not support 4xxx devices/g)).toHaveLength(1);
  });

  it('A-K5 A-K9: keeps the last list while the driver or its configuration fails, tells each cause once, and goes on', async () => {
    const plugin = await start();
    await world.kubelet.waitFor({ resource: shim, allocatable: 16 });
    await adfCtlProgram(world.host, 'echo "no driver" >&2; exit 1');
    await expect.poll(() => plugin.stderr).toContain('no driver');
    await adfCtlPrinting(world.host, lines);
    await expect.poll(() => plugin.stderr).toContain('scan works again');
    await world.host.write('etc/c6xx_dev1.conf', section('SSL', 6, 2, 1, 0));
    await expect.poll(() => plugin.stderr).toContain('section [PINNED]: is pinned');
    expect(world.kubelet.resources().get(shim)).toMatchObject({ allocatable: 16 });
    await world.host.write('etc/c6xx_dev1.conf', common.replace('NumProcesses = 4', 'NumProcesses = 1'));
    await world.kubelet.waitFor({ resource: shim, allocatable: 13 });
    expect(plugin.stderr.match(/no driver/g)).toHaveLength(1);
    expect(plugin.stderr.match(/is pinned/g)).toHaveLength(1);
  });

  it('ends in order while adf_ctl hangs', async () => {
    const started = world.host.path('started');
    const adfCtl = await adfCtlProgram(world.host, `echo > ${started}; sleep 60`);
    const plugin = await world.start(['-mode', 'kernel', '-adf-ctl', adfCtl], host);
    await expect.poll(() => existsSync(started)).toBe(true);
    expect(await plugin.stop()).toBe(0);
  });
});
