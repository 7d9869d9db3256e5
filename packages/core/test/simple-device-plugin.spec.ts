// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildSimpleDevicePlugin, type FrameDevice } from '../src/index.ts';
import { hangUp, listed, socketName } from './frame-rig.ts';
import { red, Rig, Running, TreePlugin } from './rig.ts';

function startSimple(rig: Rig, getDevices: () => readonly FrameDevice[] | Promise<readonly FrameDevice[]>): Running {
  const plugin = buildSimpleDevicePlugin(red, socketName, getDevices, { devicePluginPath: rig.dir });
  return rig.track(new Running(new TreePlugin(), plugin));
}

describe('buildSimpleDevicePlugin()', () => {
  it('lists what the function says at each start, and allocates nothing but the count', async () => {
    await using rig = await Rig.withKubelet();
    let starts = 0;
    const running = startSimple(rig, () => [{ ID: `seat-${++starts}`, health: 'Healthy' }]);
    await listed(rig, ['seat-1'], 1);
    const { containers } = await rig.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [red]: 1 } }] });
    expect(containers.c).toMatchObject({ devices: [], mounts: [], envs: {}, annotations: {}, cdiDevices: [] });
    hangUp();
    await listed(rig, ['seat-2'], 2);
    await rig.kubelet.restart('graceful');
    await rig.kubelet.waitFor({ resource: red, devices: 1, state: 'connected', registrations: 3 });
    expect(starts).toBeGreaterThanOrEqual(3);
    const before = [starts, rig.kubelet.registrations(red)] as const;
    await rm(join(rig.dir, socketName));
    await rig.kubelet.waitFor({
      resource: red,
      devices: [`seat-${before[0] + 1}`],
      state: 'connected',
      registrations: before[1] + 1,
    });
    await running.stop();
    expect(rig.files()).toEqual([]);
  });

  it('registers nothing while the function fails or gives what no kubelet takes, and does when it no longer does', async () => {
    await using rig = await Rig.withKubelet();
    let starts = 0;
    startSimple(rig, () => {
      starts += 1;
      if (starts === 1) throw new Error('no driver');
      return Promise.resolve([{ ID: starts === 2 ? 'two words' : 'a', health: 'Healthy' }]);
    });
    await listed(rig, ['a'], 1);
    expect(rig.log.with('cannot serve the resource')).toEqual([
      expect.stringContaining('no driver'),
      expect.stringContaining('two words'),
    ]);
    expect(rig.kubelet.registrations(red)).toBe(1);
  });

  it('tries again at once on SIGHUP', async () => {
    await using rig = await Rig.withKubelet();
    let starts = 0;
    startSimple(rig, () => {
      if (++starts <= 5) throw new Error(`not ready ${starts}`);
      return [{ ID: 'a', health: 'Healthy' }];
    });
    for (let i = 1; i <= 5; i++) {
      await expect.poll(() => rig.log.with(`not ready ${i}`), { interval: 1 }).toHaveLength(1);
      hangUp();
    }
    await listed(rig, ['a'], 1);
  });
});
