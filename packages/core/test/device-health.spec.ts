// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { DeviceTree, type DeviceInfo } from '../src/device-tree.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { device, treeOf } from './devices.ts';
import { red, redClient, Rig, TreePlugin } from './rig.ts';

/** Lines about devices, without their headers. */
function deviceLines(rig: Rig): string[] {
  return rig.log.with('device').map((line) => line.slice(line.indexOf('] ') + 2).trim());
}

const broken = (healthReason: string): DeviceTree =>
  new DeviceTree().addDevice('red', 'a', device('a')).addDevice('red', 'b', { ...device('b!'), healthReason });

describe('the health of a device', () => {
  it('is logged with its reason, once for each change', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(broken('no link')));
    await rig.kubelet.waitFor({ resource: red, devices: { a: 'Healthy', b: 'Unhealthy' } });
    plugin.findTree(broken('no link'));
    plugin.findTree(broken('too hot'));
    plugin.find({ red: ['a', 'b'] });
    plugin.find({ red: ['c', 'b'], blue: ['d'] });
    plugin.find({ red: ['c', 'b'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['b', 'c'] });
    expect(deviceLines(rig)).toEqual([
      `"found devices" resource="${red}" count=2 unhealthy=1 first={"b":"no link"}`,
      `"device is unhealthy" resource="${red}" id="b" reason="too hot"`,
      `"device is healthy again" resource="${red}" id="b"`,
      `"device added" resource="${red}" id="c"`,
      `"device removed" resource="${red}" id="a"`,
      '"device added" resource="color.example.com/blue" id="d"',
      '"device removed" resource="color.example.com/blue" id="d"',
    ]);
  });

  it('has a history with reasons', async () => {
    await using rig = await Rig.withKubelet();
    const withFlapping = (info: DeviceInfo): DeviceTree => new DeviceTree().addDevice('red', 'flapping', info);
    const { plugin } = rig.run(new TreePlugin(withFlapping(device('x'))));
    await rig.kubelet.waitFor({ resource: red, devices: { flapping: 'Healthy' } });
    const beginMs = Date.now();
    plugin.findTree(withFlapping({ ...device('x!'), healthReason: 'no link' }));
    plugin.findTree(withFlapping({ ...device('x!'), healthReason: 'too hot' }));
    plugin.findTree(withFlapping(device('x')));
    plugin.findTree(new DeviceTree());
    const history = telemetry.history.of(red, 'flapping');
    expect(history.map(({ to, reason = '' }) => `${to} ${reason}`.trim())).toEqual([
      'unhealthy no link',
      'unhealthy too hot',
      'healthy',
      'removed',
    ]);
    for (const { atMs } of history) expect(atMs).toBeGreaterThanOrEqual(beginMs);
  });

  it('reaches the kubelet, and its reason does not', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(broken('no link')));
    const reader = (await redClient(rig)).listAndWatch();
    await expect.poll(() => reader.lists.length).toBe(1);
    plugin.findTree(broken('too hot'));
    plugin.find({ red: ['a', 'b'] });
    await expect.poll(() => reader.lists.length).toBe(2);
    expect(reader.lists.map((list) => list.map(({ health }) => health))).toEqual([
      ['Healthy', 'Unhealthy'],
      ['Healthy', 'Healthy'],
    ]);
  });

  it('is told with its reason to whoever asks for the device', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a', 'b'] })));
    const client = await redClient(rig);
    plugin.findTree(broken('no link'));
    await expect(client.allocate(['b'])).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: `device "b" of ${red} is unhealthy: no link`,
    });
  });
});
