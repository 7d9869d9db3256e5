// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { CdiSpecFiles } from '../src/cdi/spec-files.ts';
import type { CdiDevice } from '../src/cdi/spec.ts';
import { DeviceTree } from '../src/device-tree.ts';
import { device } from './devices.ts';
import { redClient, Rig, TreePlugin } from './rig.ts';

describe('CDI', () => {
  const fpga: CdiDevice = {
    kind: 'intel.cdi.k8s.io/fpga',
    name: 'fme0',
    containerEdits: { env: ['FME=0'], deviceNodes: [{ path: '/dev/fme0' }] },
  };
  const tree = (): DeviceTree => new DeviceTree().addDevice('red', 'a', { ...device('a'), cdiDevices: [fpga] });
  const specName = 'intel.cdi.k8s.io-fpga-fme0.yaml';

  it('writes the spec file when the device is found, and names the device in the answer', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(tree()));
    await expect.poll(() => existsSync(rig.temp.join('cdi', specName))).toBe(true);
    await expect((await redClient(rig)).allocate(['a'])).resolves.toMatchObject({
      containerResponses: [{ cdiDevices: [{ name: 'intel.cdi.k8s.io/fpga=fme0' }] }],
    });
    expect(readFileSync(rig.temp.join('cdi', specName), 'utf8')).toContain('FME=0');
  });

  it('writes it again before the answer when it is gone or was changed', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(tree()));
    const client = await redClient(rig);
    await expect.poll(() => existsSync(rig.temp.join('cdi', specName))).toBe(true);
    const right = readFileSync(rig.temp.join('cdi', specName), 'utf8');
    rmSync(rig.temp.join('cdi'), { recursive: true });
    await client.allocate(['a']);
    expect(readFileSync(rig.temp.join('cdi', specName), 'utf8')).toBe(right);
    writeFileSync(rig.temp.join('cdi', specName), 'broken');
    await client.allocate(['a']);
    expect(readFileSync(rig.temp.join('cdi', specName), 'utf8')).toBe(right);
  });

  it('removes it when the device goes', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(tree()));
    await expect.poll(() => existsSync(rig.temp.join('cdi', specName))).toBe(true);
    plugin.find({ red: ['b'] });
    await expect.poll(() => readdirSync(rig.temp.join('cdi'))).toEqual([]);
  });

  it('keeps it when the plugin ends: containers start again without it', async () => {
    await using rig = await Rig.withKubelet();
    const running = rig.run(new TreePlugin(tree()));
    // Aborted at once: the file is complete when the manager has ended, and not written later.
    await running.stop();
    expect(readdirSync(rig.temp.join('cdi'))).toEqual([specName]);
  });

  it('fails Allocate, and only that, when the file cannot be written', async () => {
    await using rig = await Rig.withKubelet();
    writeFileSync(rig.temp.join('cdi'), 'no directory');
    const plugin = new TreePlugin(
      new DeviceTree().addDevice('red', 'a', { ...device('a'), cdiDevices: [fpga] }).addDevice('red', 'b', device('b')),
    );
    rig.run(plugin);
    const client = await redClient(rig);
    await expect(client.allocate(['a'])).rejects.toMatchObject({
      code: status.INTERNAL,
      details: expect.stringContaining(specName) as string,
    });
    await expect(client.allocate(['b'])).resolves.toBeDefined();
    rmSync(rig.temp.join('cdi'));
    await expect(client.allocate(['a'])).resolves.toBeDefined();
  });

  it('does not ask for files of devices that were not allocated', async () => {
    await using rig = await Rig.withKubelet();
    const ensure = vi.spyOn(CdiSpecFiles.prototype, 'ensure');
    rig.run(
      new TreePlugin(
        new DeviceTree()
          .addDevice('red', 'a', { ...device('a'), cdiDevices: [fpga] })
          .addDevice('red', 'b', device('b')),
      ),
    );
    await (await redClient(rig)).allocate(['b']);
    expect(ensure).not.toHaveBeenCalled();
    ensure.mockRestore();
  });
});
