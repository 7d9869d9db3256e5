// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { dir, hostFixture, link } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { gen4, pfTree as initPfTree } from './fake-kernel.ts';
import { cryptoPf, drivers, groupNodes, pfTree } from './fixtures/qat-host.ts';
import { useWorld } from './world.ts';

/** Whoever writes to a FIFO waits for a reader, as who unbinds a device waits for its user. */
function makeFifo(path: string): void {
  execFileSync('mkfifo', [path]);
}

describe('a plugin whose write the kernel does not end', () => {
  const world = useWorld();
  const cy = 'qat.intel.com/cy';
  const unbind = '/sys/bus/pci/drivers/4xxxvf/unbind';

  it('publishes the other VFs, says what it waits for, and ends in order', async () => {
    const pf = cryptoPf('6b', 3);
    const vfs = pf.vfs?.map((vf, index) => (index === 0 ? { ...vf, driver: '4xxxvf' } : vf)) ?? [];
    await world.host.add({ ...drivers('vfio-pci'), '/sys/bus/pci/drivers/4xxxvf': dir() });
    makeFifo(world.host.path(unbind));
    const plugin = await world.start([], { ...pfTree({ ...pf, vfs }), ...groupNodes(100, 101, 102) });
    await world.kubelet.waitFor({ resource: cy, capacity: 3, allocatable: 2 });
    await expect(world.kubelet.describeDevice(cy, '0000:6b:00.1')).rejects.toThrow(
      `binding to vfio-pci takes long: ${unbind}`,
    );
    await expect.poll(() => plugin.stderr).toContain('still waiting for the kernel');
    expect(await plugin.stop()).toBe(0);
    expect(plugin.stderr.match(/still waiting for the kernel/g)).toHaveLength(1);
    expect(plugin.stderr).toMatch(/unhealthy.*0000:6b:00\.1.*binding to vfio-pci takes long: \/sys\/bus/);
  });
});

describe('qat-init, whose write the kernel does not end', () => {
  it.each([
    ['auto_reset', 'AutoresetEnabled=on\n', 'on'],
    ['state', 'ServicesEnabled=sym\n', 'up'],
  ])('names the file %s before it writes, and ends with 1 on SIGTERM', async (name, text, written) => {
    const vf = 'sys/bus/pci/devices/0000:6b:00.1';
    await using fixture = await hostFixture({
      ...initPfTree({ ...gen4, numVfs: 1, totalVfs: 1 }),
      'sys/bus/pci/devices/0000:6b:00.0/virtfn0': link('../0000:6b:00.1'),
      [`${vf}/driver`]: link('../../drivers/vfio-pci'),
      'sys/bus/pci/drivers/vfio-pci': dir(),
      'conf/qat.conf': text,
    });
    const program = join(import.meta.dirname, '../src/main/qat-init.ts');
    const file = `sys/bus/pci/devices/0000:6b:00.0/qat/${name}`;
    const flags = ['-prefix', fixture.root, '-config-dir', fixture.path('conf')];
    await fixture.remove(file);
    makeFifo(fixture.path(file));
    const child = spawn(process.execPath, [program, ...flags], { env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    await expect.poll(() => stderr).toContain(`"writing" path="/${file}" text="${written}"`);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`\nE.*stopped by a signal, not waiting for /${file}; the kernel may still`));
  });
});
