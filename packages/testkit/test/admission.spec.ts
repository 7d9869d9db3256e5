// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { ContainerStartError, UnexpectedAdmissionError } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { blue, red, Rig } from './rig.ts';
import { containerResponse } from './scripted-plugin.ts';

const one = { pod: 'one', containers: [{ name: 'app', limits: { [red]: 1 } }] } as const;
const two = { pod: 'two', containers: [{ name: 'app', limits: { [red]: 2 } }] } as const;

describe('admit()', () => {
  it('gives free and healthy devices, and none twice', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a', 'b!', 'c', 'd']);
    const first = await rig.kubelet.admit(two);
    const second = await rig.kubelet.admit(one);
    const ids = [first, second].flatMap(({ containers }) => containers.app.deviceIds[red] ?? []);
    expect(ids.toSorted()).toEqual(['a', 'c', 'd']);
    expect(
      rig.kubelet
        .resources()
        .get(red)
        ?.devices.find(({ id }) => id === second.containers.app.envs['IDS']),
    ).toEqual({
      id: second.containers.app.envs['IDS'],
      health: 'Healthy',
      numaNodes: [],
      holder: { pod: 'one', container: 'app' },
    });
  });

  it('calls Allocate once for each container and resource, with one entry', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a', 'b', 'c']);
    await rig.registered(['x', 'y'], { resource: blue, endpoint: 'blue.sock' });
    await rig.kubelet.admit({
      pod: 'p',
      containers: [
        { name: 'both', limits: { cpu: 2, [red]: 2, [blue]: 1 } },
        { name: 'red', limits: { [red]: 1 } },
        { name: 'none' },
      ],
    });
    const allocations = rig.kubelet.calls.filter(({ method }) => method === 'Allocate');
    expect(allocations.map(({ resource }) => resource).toSorted()).toEqual([blue, red, red]);
    for (const { request } of allocations) {
      expect((request as deviceplugin.AllocateRequest).containerRequests).toHaveLength(1);
    }
  });

  it('chooses by chance, and the same for the same seed', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `d${index}`);
    const choice = async (seed: number): Promise<readonly string[] | undefined> => {
      await using rig = await Rig.create({ seed });
      await rig.registered(ids);
      return (await rig.kubelet.admit(two)).containers.app.deviceIds[red];
    };
    expect(await choice(7)).toEqual(await choice(7));
    expect(new Set((await Promise.all([1, 2, 3, 4].map(choice))).map(String)).size).toBeGreaterThan(1);
  });

  it('merges what the resources of a container give', async () => {
    await using rig = await Rig.create();
    const give = (color: string) => () => ({
      containerResponses: [
        containerResponse({
          envs: { [color]: '1' },
          mounts: [{ containerPath: '/shared', hostPath: `/${color}`, readOnly: true }],
          devices: [{ containerPath: `/dev/${color}`, hostPath: `/dev/${color}`, permissions: 'rw' }],
          annotations: { [`${color}.example.com`]: 'yes' },
          cdiDevices: [{ name: 'example.com/light=all' }],
        }),
      ],
    });
    await rig.registered(['a'], { allocate: give('red') });
    await rig.registered(['a'], { resource: blue, endpoint: 'blue.sock', allocate: give('blue') });
    const { containers } = await rig.kubelet.admit({
      pod: 'p',
      containers: [{ name: 'app', limits: { [red]: 1, [blue]: 1 } }],
    });
    expect(containers.app).toMatchObject({
      envs: { red: '1', blue: '1' },
      annotations: { 'red.example.com': 'yes', 'blue.example.com': 'yes' },
      cdiDevices: ['example.com/light=all'],
      deviceIds: { [red]: ['a'], [blue]: ['a'] },
    });
    expect(containers.app.devices.map(({ containerPath }) => containerPath).toSorted()).toEqual([
      '/dev/blue',
      '/dev/red',
    ]);
    expect(containers.app.mounts).toHaveLength(1);
  });

  it('asks for preferences and follows them', async () => {
    const asked: deviceplugin.ContainerPreferredAllocationRequest[] = [];
    await using rig = await Rig.create();
    await rig.registered(['a', 'b', 'c', 'd!'], {
      options: { getPreferredAllocationAvailable: true },
      prefer: (request) => {
        asked.push(request);
        return ['unknown', 'd', 'c', 'a'];
      },
    });
    const { containers } = await rig.kubelet.admit(two);
    expect(containers.app.deviceIds[red]?.toSorted()).toEqual(['a', 'c']);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ mustIncludeDeviceIDs: [], allocationSize: 2 });
    expect(asked[0]?.availableDeviceIDs.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('asks for no preferences without the option', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a'], { prefer: () => ['a'] });
    await rig.kubelet.admit(one);
    expect(rig.methods()).not.toContain('GetPreferredAllocation');
  });

  it('rejects the pod when the plugin cannot say what it prefers', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a'], {
      options: { getPreferredAllocationAvailable: true },
      prefer: () => Promise.reject(new Error('no idea')),
    });
    await expect(rig.kubelet.admit(one)).rejects.toThrow(
      'Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = Unknown desc = no idea, which is unexpected',
    );
  });

  it('rejects the pod for good when Allocate fails, and frees what it got', async () => {
    await using rig = await Rig.create();
    let fails = true;
    await rig.registered(['a'], {
      allocate: () => {
        if (fails) throw new Error('broken');
        return { containerResponses: [containerResponse({})] };
      },
    });
    const rejection = expect(rig.kubelet.admit(one)).rejects;
    await rejection.toBeInstanceOf(UnexpectedAdmissionError);
    const message = 'Allocate failed due to rpc error: code = Unknown desc = broken, which is unexpected';
    expect(rig.events.at(-1)).toEqual({ type: 'rejected', pod: 'one', message });
    fails = false;
    await rig.kubelet.admit(one);
  });

  it('frees the first resource of a pod when the second fails', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    const pod = {
      pod: 'p',
      containers: [
        { name: 'first', limits: { [red]: 1 } },
        { name: 'second', limits: { [blue]: 1 } },
      ],
    };
    await expect(rig.kubelet.admit(pod)).rejects.toThrow(`cannot allocate unregistered device ${blue}`);
    expect(rig.kubelet.resources().get(red)?.devices).toMatchObject([{ holder: undefined }]);
  });

  it.each([
    {
      ids: [],
      reason: `no healthy devices present; cannot allocate unhealthy devices ${red}`,
    },
    {
      ids: ['a', 'b!'],
      reason: `requested number of devices unavailable for ${red}. Requested: 2, Available: 1`,
    },
  ])('says why it has not enough of $ids', async ({ ids, reason }) => {
    await using rig = await Rig.create();
    await rig.registered(ids);
    await expect(rig.kubelet.admit(two)).rejects.toThrow(`Allocate failed due to ${reason}, which is unexpected`);
  });

  it('rejects an answer without containers', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a'], { allocate: () => ({ containerResponses: [] }) });
    await expect(rig.kubelet.admit(one)).rejects.toThrow('no containers return in allocation response');
  });

  it('asks for nothing when nothing is wanted', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    const { containers } = await rig.kubelet.admit({ pod: 'p', containers: [{ name: 'app', limits: { [red]: 0 } }] });
    expect(containers.app.deviceIds).toEqual({});
    expect(rig.methods()).not.toContain('Allocate');
  });

  it('admits one pod after the other', async () => {
    await using rig = await Rig.create();
    const { promise, resolve } = Promise.withResolvers<deviceplugin.AllocateResponse>();
    await rig.registered(['a', 'b'], { allocate: () => promise });
    const pods = ['one', 'other'].map((pod) => rig.kubelet.admit({ ...one, pod }));
    await expect.poll(() => rig.methods()).toContain('Allocate');
    expect(rig.methods().filter((method) => method === 'Allocate')).toHaveLength(1);
    resolve({ containerResponses: [containerResponse({})] });
    await Promise.all(pods);
    expect(rig.methods().filter((method) => method === 'Allocate')).toHaveLength(2);
  });
});

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
    expect(plugin.openStreams).toBe(0);
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
