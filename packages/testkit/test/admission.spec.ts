// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { UnexpectedAdmissionError } from '../src/index.ts';
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
