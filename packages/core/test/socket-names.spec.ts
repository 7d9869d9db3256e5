// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isServed } from '../src/serve/listening-socket.ts';
import { treeOf } from './devices.ts';
import { blue, red, Rig, TreePlugin } from './rig.ts';
import { staleSocket } from './stale-socket.ts';

describe('socket names', () => {
  it('let an old and a new pod overlap: the resource is never gone', async () => {
    await using rig = await Rig.withKubelet();
    const allocatable: (number | undefined)[] = [];
    const old = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    rig.kubelet.subscribe(() => allocatable.push(rig.kubelet.resources().get(red)?.allocatable));
    rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, registrations: 2, state: 'connected' });
    await expect.poll(() => rig.kubelet.calls.filter(({ method }) => method === 'ListAndWatch')).toHaveLength(2);
    await old.stop();
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected', allocatable: 2 });
    expect(new Set(allocatable)).toEqual(new Set([2]));
    expect(rig.files()).toHaveLength(1);
  });

  it('come back when the end of the old pod disconnects the new one, as kubelets up to 1.36 do', async () => {
    await using rig = await Rig.withKubelet({ profile: '1.26' });
    const old = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, registrations: 2, state: 'connected' });
    await expect.poll(() => rig.kubelet.calls.filter(({ method }) => method === 'ListAndWatch')).toHaveLength(2);
    await old.stop();
    await rig.kubelet.waitFor({ resource: red, registrations: 3, state: 'connected', allocatable: 2 });
  });

  it('of the classic style are never taken from a live process', async () => {
    await using rig = await Rig.withKubelet();
    const first = rig.run(new TreePlugin(), { socketNameStyle: 'classic' });
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    expect(rig.files()).toEqual(['color.example.com-red.sock']);
    const second = rig.run(new TreePlugin(treeOf({ red: ['c'] })), { socketNameStyle: 'classic' });
    await expect.poll(() => rig.log.with('cannot serve the resource')).toHaveLength(1);
    expect(rig.log.with('cannot serve the resource')[0]).toContain('another process serves');
    expect(rig.kubelet.registrations(red)).toBe(1);
    await first.stop();
    await rig.kubelet.waitFor({ resource: red, devices: ['c'], state: 'connected' });
    await second.stop();
    expect(rig.files()).toEqual([]);
  });

  it('of the classic style are taken over from a dead one', async () => {
    await using rig = await Rig.withKubelet();
    await staleSocket(`${rig.dir}/color.example.com-red.sock`);
    rig.run(new TreePlugin(), { socketNameStyle: 'classic' });
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    await expect(isServed(`${rig.dir}/color.example.com-red.sock`)).resolves.toBe(true);
  });

  it('never take the place of a file that is no socket', async () => {
    await using rig = await Rig.withKubelet();
    writeFileSync(`${rig.dir}/color.example.com-red.sock`, 'precious');
    const running = rig.run(new TreePlugin(treeOf({ red: ['a'], blue: ['b'] })), { socketNameStyle: 'classic' });
    await rig.kubelet.waitFor({ resource: blue, devices: 1 });
    await expect.poll(() => rig.log.with('is not a socket')).toHaveLength(1);
    await running.stop();
    expect(rig.files()).toEqual(['color.example.com-red.sock']);
  });
});
