// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { red, Rig } from './rig.ts';

const pod = { pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] } as const;

describe('the devices of a deleted pod', () => {
  it('are free for the next one, and until then only marked', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.admit(pod);
    rig.kubelet.deletePod('p');
    expect(rig.kubelet.resources().get(red)?.devices).toMatchObject([{ holder: undefined }]);
    expect(rig.kubelet.checkpoint().PodDeviceEntries).toMatchObject([{ PodUID: 'p' }]);
    await rig.kubelet.admit({ ...pod, pod: 'next' });
    expect(rig.kubelet.checkpoint().PodDeviceEntries).toMatchObject([{ PodUID: 'next' }]);
  });

  it('are not free as long as not all sources of pods are ready', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.admit(pod);
    rig.kubelet.deletePod('p');
    rig.kubelet.sourcesReady = false;
    const next = { ...pod, pod: 'next' };
    await expect(rig.kubelet.admit(next)).rejects.toThrow('Requested: 1, Available: 0');
    rig.kubelet.sourcesReady = true;
    await rig.kubelet.admit(next);
  });
});

describe('a container that ran before the kubelet restarted', () => {
  async function restarted(profile: '1.33' | '1.37', starts: number): Promise<Rig> {
    const rig = await Rig.create({ profile });
    await rig.registered(['a']);
    await rig.kubelet.admit(pod);
    for (let count = 0; count < starts; count += 1) await rig.kubelet.startContainer('p', 'app');
    await rig.kubelet.restart('graceful');
    return rig;
  }

  it('keeps its devices until the sources are ready, though its plugin is gone', async () => {
    await using rig = await restarted('1.37', 2);
    rig.kubelet.sourcesReady = false;
    expect((await rig.kubelet.admit(pod)).containers.app).toMatchObject({
      envs: { IDS: 'a' },
      deviceIds: { [red]: ['a'] },
    });
    rig.kubelet.sourcesReady = true;
    await expect(rig.kubelet.admit(pod)).rejects.toThrow('no healthy devices present');
  });

  it('is not protected when it did not run', async () => {
    await using rig = await restarted('1.37', 0);
    rig.kubelet.sourcesReady = false;
    await expect(rig.kubelet.admit(pod)).rejects.toThrow('no healthy devices present');
  });

  it('may be refused by an older kubelet that finds an earlier instance of it', async () => {
    await using rig = await restarted('1.33', 20);
    rig.kubelet.sourcesReady = false;
    await expect(rig.kubelet.admit(pod)).rejects.toThrow('no healthy devices present');
  });
});

describe('startContainer() without a checkpoint', () => {
  it('has the devices allocated again', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.admit(pod);
    await rig.kubelet.restart('wipe-dir');
    // Nobody knows yet that the resource is one of devices.
    expect((await rig.kubelet.startContainer('p', 'app')).deviceIds).toEqual({});
    await rig.registered(['b']);
    expect((await rig.kubelet.startContainer('p', 'app')).deviceIds).toEqual({ [red]: ['b'] });
    expect(rig.kubelet.checkpoint().PodDeviceEntries).toMatchObject([{ PodUID: 'p', ContainerName: 'app' }]);
  });

  it('fails where the plugin would have to prepare devices that nobody knows', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.admit(pod);
    await rig.kubelet.restart('wipe-dir');
    await rig.registered(['a'], { options: { preStartRequired: true } });
    await expect(rig.kubelet.startContainer('p', 'app')).rejects.toThrow(
      `no devices found allocated in local cache for pod p, container app, resource ${red}`,
    );
  });

  it('knows neither pods nor containers that there are not', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await expect(rig.kubelet.startContainer('p', 'app')).rejects.toThrow('there is no container app in a pod p');
    await rig.kubelet.admit(pod);
    await expect(rig.kubelet.startContainer('p', 'other')).rejects.toThrow('there is no container other in a pod p');
  });
});

describe('numaHint', () => {
  it('aligns the devices of all containers of the pod', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered([]);
    plugin.list(
      ['a', 'b', 'c', 'd'].map((ID, index) => ({ ID, health: 'Healthy', topology: { nodes: [{ ID: index % 2 }] } })),
    );
    await rig.kubelet.waitFor({ resource: red, devices: 4 });
    const { containers } = await rig.kubelet.admit({
      pod: 'p',
      numaHint: [1],
      containers: [
        { name: 'one', limits: { [red]: 1 } },
        { name: 'two', limits: { [red]: 1 } },
      ],
    });
    const ids = [containers.one, containers.two].flatMap(({ deviceIds }) => deviceIds[red] ?? []);
    expect(ids.toSorted()).toEqual(['b', 'd']);
  });
});

describe('CDI devices', () => {
  it.each([
    ['1.28', []],
    ['1.29', ['v/c=1']],
  ] as const)('reach the container runtime since 1.29: %s', async (profile, cdiDevices) => {
    await using rig = await Rig.create({ profile });
    const answer = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [{ name: 'v/c=1' }] };
    await rig.registered(['a'], { allocate: () => ({ containerResponses: [answer] }) });
    expect((await rig.kubelet.admit(pod)).containers.app.cdiDevices).toEqual(cdiDevices);
  });
});
