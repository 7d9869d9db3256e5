// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { describe, expect, it } from 'vitest';
import { ContainerStartError } from '../src/index.ts';
import { blue, red, Rig } from './rig.ts';

const one = { pod: 'one', containers: [{ name: 'app', limits: { [red]: 1 } }] } as const;
const two = { pod: 'two', containers: [{ name: 'app', limits: { [red]: 2 } }] } as const;

describe('an admitted pod', () => {
  it('keeps its devices when it is admitted again, without a call', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a', 'b', 'c']);
    const first = await rig.kubelet.admit(two);
    const again = await rig.kubelet.admit(two);
    expect(again.containers.app.deviceIds).toEqual(first.containers.app.deviceIds);
    expect(rig.methods().filter((method) => method === 'Allocate')).toHaveLength(1);
  });

  it('cannot change how many it wants', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a', 'b', 'c']);
    await rig.kubelet.admit(two);
    await expect(rig.kubelet.admit({ ...one, pod: 'two' })).rejects.toThrow(
      `pod "two" container "app" changed request for resource "${red}" from 2 to 1`,
    );
  });

  it('is rejected when it is admitted again and its device has become unhealthy', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    await rig.kubelet.admit(one);
    plugin.list([
      { ID: 'a', health: 'Unhealthy', topology: undefined },
      { ID: 'b', health: 'Healthy', topology: undefined },
    ]);
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    await expect(rig.kubelet.admit(one)).rejects.toThrow(
      `previously allocated devices are no longer healthy; cannot allocate unhealthy devices ${red}`,
    );
  });

  it('frees its devices when it is deleted', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.admit(one);
    const other = { ...one, pod: 'other' };
    await expect(rig.kubelet.admit(other)).rejects.toThrow('Requested: 1, Available: 0');
    rig.kubelet.deletePod('one');
    expect((await rig.kubelet.admit(other)).containers.app.deviceIds).toEqual({ [red]: ['a'] });
  });
});

describe('init containers', () => {
  const limits = { [red]: 1 };

  it('hand their devices on to the next containers of the pod', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    const { containers } = await rig.kubelet.admit({
      pod: 'p',
      initContainers: [
        { name: 'first', limits },
        { name: 'second', limits },
      ],
      containers: [{ name: 'app', limits }],
    });
    expect(Object.values(containers).map(({ deviceIds }) => deviceIds[red])).toEqual([['a'], ['a'], ['a']]);
    expect(rig.kubelet.resources().get(red)?.devices).toMatchObject([{ holder: { container: 'app' } }]);
  });

  it('must be included in what the plugin prefers', async () => {
    const asked: deviceplugin.ContainerPreferredAllocationRequest[] = [];
    await using rig = await Rig.create();
    await rig.registered(['a', 'b'], {
      options: { getPreferredAllocationAvailable: true },
      prefer: (request) => {
        asked.push(request);
        return [];
      },
    });
    const { containers } = await rig.kubelet.admit({
      pod: 'p',
      initContainers: [{ name: 'init', limits }],
      containers: [{ name: 'app', limits: { [red]: 2 } }],
    });
    expect(asked[1]).toMatchObject({ mustIncludeDeviceIDs: containers.init.deviceIds[red], allocationSize: 2 });
    expect(asked[1]?.availableDeviceIDs.toSorted()).toEqual(['a', 'b']);
  });

  it('keep their devices when they are sidecars', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    const pod = rig.kubelet.admit({
      pod: 'p',
      initContainers: [{ name: 'sidecar', limits, restartPolicy: 'Always' }],
      containers: [{ name: 'app', limits }],
    });
    await expect(pod).rejects.toThrow('Requested: 1, Available: 0');
  });
});

describe('startContainer()', () => {
  it('has the plugin prepare the devices at each start', async () => {
    const prepared: string[][] = [];
    await using rig = await Rig.create();
    await rig.registered(['a', 'b'], {
      options: { preStartRequired: true },
      preStart: (ids) => void prepared.push(ids.toSorted()),
    });
    const { containers } = await rig.kubelet.admit(two);
    const started = await rig.kubelet.startContainer('two', 'app');
    await rig.kubelet.startContainer('two', 'app');
    expect(prepared).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(started).toEqual(containers.app);
  });

  it('does not call a plugin that did not set the option', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.admit(one);
    await rig.kubelet.startContainer('one', 'app');
    expect(rig.methods()).not.toContain('PreStartContainer');
  });

  it('fails when the plugin does, and can be tried again', async () => {
    const outcomes = [new Error('not yet')];
    await using rig = await Rig.create();
    await rig.registered(['a'], {
      options: { preStartRequired: true },
      preStart: () => {
        const error = outcomes.pop();
        if (error !== undefined) throw error;
      },
    });
    await rig.kubelet.admit(one);
    const failed = await rig.kubelet.startContainer('one', 'app').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ContainerStartError);
    expect(failed).toMatchObject({
      message: 'device plugin PreStartContainer rpc failed with err: rpc error: code = Unknown desc = not yet',
    });
    await rig.kubelet.startContainer('one', 'app');
  });

  it('gives the plugin a limited time', async () => {
    await using rig = await Rig.create({ preStartTimeoutMs: 50 });
    await rig.registered(['a'], { options: { preStartRequired: true }, preStart: () => new Promise(() => undefined) });
    await rig.kubelet.admit(one);
    await expect(rig.kubelet.startContainer('one', 'app')).rejects.toThrow('code = DeadlineExceeded');
  });

  it('fails while the plugin is gone', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a'], { options: { preStartRequired: true } });
    await rig.kubelet.admit(one);
    plugin.stop();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    await expect(rig.kubelet.startContainer('one', 'app')).rejects.toThrow('endpoint plugin.sock has been stopped');
  });

  it('asks nobody after a restart of the kubelet until the plugin registers', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a'], { options: { preStartRequired: true } });
    await rig.kubelet.admit(one);
    await rig.kubelet.restart('graceful');
    expect((await rig.kubelet.startContainer('one', 'app')).envs).toEqual({ IDS: 'a' });
    expect(rig.methods()).not.toContain('PreStartContainer');
    await expect.poll(() => plugin.openStreams).toBe(0);
  });
});

describe('describeDevice()', () => {
  it('shows what a device gives without giving it to anybody', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    expect(await rig.kubelet.describeDevice(red, 'a')).toMatchObject({ envs: { IDS: 'a' } });
    expect(rig.kubelet.resources().get(red)?.devices).toMatchObject([{ holder: undefined }]);
  });

  it('rejects when there is no plugin to ask', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    plugin.stop();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    await expect(rig.kubelet.describeDevice(red, 'a')).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
    await expect(rig.kubelet.describeDevice(blue, 'a')).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
  });
});
