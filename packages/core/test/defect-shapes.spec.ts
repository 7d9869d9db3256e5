// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import type { KubeletEvent } from '@kube-device-plugins/testkit';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Notifier } from '../src/device-plugin.ts';
import { DeviceTree } from '../src/device-tree.ts';
import {
  DevicePluginService,
  type AllocateResponse,
  type PreferredAllocationRequest,
} from '../src/kubelet-api/deviceplugin.ts';
import { rescan, requestRescan } from '../src/scan/rescan.ts';
import { device, treeOf } from './devices.ts';
import { blue, listsOf, red, redClient, Rig, TreePlugin } from './rig.ts';

// What no other test shows of the bugs that known-bugs.spec.ts lists.

describe('a plugin in the hands of this core', () => {
  it('gives what a plugin edits to the container that it is for', async () => {
    await using rig = await Rig.withKubelet();
    const postAllocate = ({ containerResponses }: AllocateResponse): void => {
      for (const { envs, annotations, devices } of containerResponses) {
        const names = devices.map(({ hostPath }) => hostPath).join();
        envs['DEVICES'] = annotations['devices'] = names;
      }
    };
    rig.run(Object.assign(new TreePlugin(), { postAllocate }));
    const { containerResponses } = await (await redClient(rig)).allocate(['a'], ['b'], ['b', 'a']);
    expect(containerResponses.map(({ envs, annotations }) => [envs, annotations])).toEqual(
      ['/dev/a', '/dev/b', '/dev/a,/dev/b'].map((names) => [{ DEVICES: names }, { devices: names }]),
    );
  });

  it('keeps every device that is added to a resource', () => {
    const tree = new DeviceTree().addResource('red');
    const { resources } = tree;
    const expected = Array.from({ length: 100 }, (_, i) => `d${i}`);
    for (const id of expected) tree.addDevice('red', id, device(id));
    expect([...(resources.get('red')?.keys() ?? [])]).toEqual(expected);
    expect(tree.deviceTypeCount('red')).toBe(100);
  });

  it('goes on scanning while nobody listens, and tells the newest state first', async () => {
    await using rig = await Rig.create();
    const events: KubeletEvent[] = [];
    rig.kubelet.subscribe((event) => events.push(event));
    const { plugin } = rig.run(new TreePlugin());
    for (let i = 0; i < 1_000; i++) plugin.find({ red: [`x${i}`] });
    await rig.kubelet.start();
    await rig.kubelet.waitFor({ resource: red, devices: ['x999'], state: 'connected' });
    expect(listsOf(events, red)).toEqual([['x999']]);
  });

  it('sends what changes after a stream was lost', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    for (const [round, kind] of (['crash', 'graceful', 'crash'] as const).entries()) {
      const other = rig.client(rig.socketOf(red));
      const reader = other.listAndWatch();
      await expect.poll(() => reader.lists.length).toBe(1);
      other.close();
      reader.cancel();
      await rig.kubelet.restart(kind);
      plugin.find({ red: [`during${round}`] });
      await rig.kubelet.waitFor({ resource: red, devices: [`during${round}`], state: 'connected' });
      plugin.find({ red: [`after${round}`] });
      await rig.kubelet.waitFor({ resource: red, devices: [`after${round}`], state: 'connected' });
    }
  });

  it('shows a policy what must be included', async () => {
    await using rig = await Rig.withKubelet();
    const getPreferredAllocation = vi.fn(({ containerRequests }: PreferredAllocationRequest) =>
      Promise.resolve({
        containerResponses: containerRequests.map(({ mustIncludeDeviceIDs }) => ({ deviceIDs: mustIncludeDeviceIDs })),
      }),
    );
    rig.run(Object.assign(new TreePlugin(), { getPreferredAllocation }));
    const client = await redClient(rig);
    const containerRequests = [
      { availableDeviceIDs: ['a', 'b', 'c'], mustIncludeDeviceIDs: ['b'], allocationSize: 2 },
      { availableDeviceIDs: ['a'], mustIncludeDeviceIDs: [], allocationSize: 1 },
    ];
    await expect(client.call(DevicePluginService.getPreferredAllocation, { containerRequests })).resolves.toEqual({
      containerResponses: [{ deviceIDs: ['b'] }, { deviceIDs: [] }],
    });
    expect(getPreferredAllocation).toHaveBeenCalledExactlyOnceWith({ containerRequests });
  });

  it('misses no restart of the kubelet while it starts', async () => {
    await using rig = await Rig.withKubelet();
    for (let delayMs = 0; delayMs < 20; delayMs += 2) {
      const running = rig.run(new TreePlugin());
      await sleep(delayMs);
      await rig.kubelet.restart(delayMs % 4 === 0 ? 'graceful' : 'crash');
      await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
      await running.stop();
      await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    }
  });

  it('misses no restart of the kubelet while it registers', async () => {
    const asked: string[] = [];
    const beforeRegister = async ({ endpoint }: { readonly endpoint: string }): Promise<void> => {
      asked.push(endpoint);
      if (asked.length <= 3) await Promise.withResolvers<undefined>().promise;
    };
    await using rig = await Rig.withKubelet({ beforeRegister });
    rig.run(new TreePlugin());
    for (let restarts = 1; restarts <= 3; restarts++) {
      await expect.poll(() => asked.length).toBe(restarts);
      await rig.kubelet.restart('graceful');
    }
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
  });

  it('answers before it registers', async () => {
    const answers: boolean[] = [];
    await using rig = await Rig.withKubelet({
      beforeRegister: async ({ endpoint }) => {
        const client = rig.client(join(rig.dir, endpoint));
        const reader = client.listAndWatch();
        await client.options();
        await client.allocate(['a']);
        await expect.poll(() => reader.ids).toEqual([['a', 'b']]);
        reader.cancel();
        answers.push(true);
      },
    });
    rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    expect(answers).toEqual([true]);
  });

  it('looks again when it found nothing, or could not look', async () => {
    await using rig = await Rig.withKubelet();
    const looks = [
      () => Promise.reject(new Error('no driver')),
      () => Promise.resolve(new DeviceTree()),
      () => Promise.resolve(treeOf({ red: [] })),
      () => Promise.resolve(treeOf({ red: ['a'] })),
    ];
    const scan = async (notifier: Notifier, signal: AbortSignal): Promise<void> => {
      await rescan({ everyMs: 3_600_000, watch: [] }, signal, async () => {
        const tree = await looks.shift()?.();
        if (tree !== undefined) notifier.notify(tree);
      });
    };
    rig.run({ scan });
    await expect.poll(() => rig.log.with('no driver')).toHaveLength(1);
    requestRescan();
    await expect.poll(() => looks.length).toBe(2);
    requestRescan();
    await rig.kubelet.waitFor({ resource: red, devices: 0, state: 'connected' });
    requestRescan();
    await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected', registrations: 1 });
  });

  it('answers an allocation while a scan takes its time', async () => {
    await using rig = await Rig.withKubelet();
    const hanging = Promise.withResolvers<undefined>();
    const scan = async (notifier: Notifier, signal: AbortSignal): Promise<void> => {
      notifier.notify(treeOf({ red: ['a'] }));
      signal.addEventListener('abort', () => {
        hanging.resolve(undefined);
      });
      await hanging.promise;
    };
    rig.run({ scan });
    const client = await redClient(rig);
    await expect(client.allocate(['a'])).resolves.toMatchObject({ containerResponses: [{ devices: [{}] }] });
    await expect(client.allocate(['b'])).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('has no preference where a policy fails', async () => {
    await using rig = await Rig.withKubelet();
    const getPreferredAllocation = (): never => {
      throw new Error('no such card');
    };
    rig.run(Object.assign(new TreePlugin(), { getPreferredAllocation }));
    await expect((await redClient(rig)).prefer(['a', 'b'], 1)).resolves.toEqual({
      containerResponses: [{ deviceIDs: [] }],
    });
    const { containers } = await rig.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [red]: 1 } }] });
    expect(containers.c.deviceIds[red]).toHaveLength(1);
    expect(rig.log.with('no such card')[0]).toMatch(/^W.*the kubelet chooses/);
  });

  it('asks for CDI devices in the field that is for them, and nowhere else', async () => {
    await using rig = await Rig.withKubelet();
    const cdiDevices = [{ kind: 'example.com/card', name: 'card0', containerEdits: { env: ['CARD=0'] } }];
    rig.run(new TreePlugin(new DeviceTree().addDevice('red', 'a', { health: 'Healthy', nodes: [], cdiDevices })));
    await expect((await redClient(rig)).allocate(['a'])).resolves.toEqual({
      containerResponses: [
        { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [{ name: 'example.com/card=card0' }] },
      ],
    });
  });

  it('never lists a device twice that moves to another resource', async () => {
    await using rig = await Rig.withKubelet();
    const sums: number[] = [];
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a', 'b'] })));
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    rig.kubelet.subscribe(() => {
      const views = [red, blue].map((name) => rig.kubelet.resources().get(name)?.allocatable ?? 0);
      sums.push(views.reduce((sum, count) => sum + count, 0));
    });
    plugin.find({ red: ['a'], blue: ['b'] });
    await rig.kubelet.waitFor({ resource: blue, devices: ['b'], state: 'connected' });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    expect(Math.max(...sums)).toBe(2);
  });
});
