// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { describe, expect, it } from 'vitest';
import { FakeKubelet } from '../src/index.ts';
import { red, Rig } from './rig.ts';
import { devices } from './scripted-plugin.ts';

const pod = { pod: 'p', containers: [{ name: 'app', limits: { [red]: 1 } }] } as const;
const fileOf = (rig: Rig): string => join(rig.dir, 'kubelet_internal_checkpoint');

async function dataIn(rig: Rig): Promise<unknown> {
  return (JSON.parse(await readFile(fileOf(rig), 'utf8')) as { Data: unknown }).Data;
}

describe('the checkpoint', () => {
  it('is written with each list', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a', 'b!']);
    expect(await dataIn(rig)).toEqual({ PodDeviceEntries: [], RegisteredDevices: { [red]: ['a'] } });
    plugin.list(devices('a', 'b'));
    await rig.kubelet.waitFor({ resource: red, allocatable: 2 });
    expect(await dataIn(rig)).toEqual({ PodDeviceEntries: [], RegisteredDevices: { [red]: ['a', 'b'] } });
    expect((await readdir(rig.dir)).filter((name) => name.includes('checkpoint'))).toHaveLength(1);
  });

  it('is written with each allocation', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered([]);
    plugin.list([{ ID: 'a', health: 'Healthy', topology: { nodes: [{ ID: 0 }, { ID: 1 }] } }]);
    await rig.kubelet.waitFor({ resource: red, devices: 1 });
    await rig.kubelet.admit(pod);
    const [entry] = rig.kubelet.checkpoint().PodDeviceEntries;
    expect(await dataIn(rig)).toEqual(rig.kubelet.checkpoint());
    expect(entry).toMatchObject({
      PodUID: 'p',
      ContainerName: 'app',
      ResourceName: red,
      DeviceIDs: { '0': ['a'], '1': ['a'] },
    });
    const response = deviceplugin.ContainerAllocateResponse.decode(Buffer.from(entry?.AllocResp ?? '', 'base64'));
    expect(response.envs).toEqual({ IDS: 'a' });
  });

  it('gives a new kubelet back who has what', async () => {
    await using rig = await Rig.create();
    await rig.registered(['a', 'b']);
    const before = await rig.kubelet.admit(pod);
    await rig.kubelet.stop('crash');

    await using next = new FakeKubelet({ dir: rig.dir });
    // It has heard of no pod yet, so that nobody is known to be gone.
    next.sourcesReady = false;
    await next.start();
    expect(next.node()).toEqual({ capacity: { [red]: 0 }, allocatable: { [red]: 0 } });
    expect(next.resources().get(red)).toMatchObject({ state: 'disconnected', endpoint: undefined });
    const plugin = await rig.plugin({ endpoint: 'again.sock' });
    plugin.list(devices('a', 'b'));
    await plugin.register();
    await next.waitFor({ resource: red, allocatable: 2 });
    const other = await next.admit({ ...pod, pod: 'other' });
    expect(other.containers.app.deviceIds).not.toEqual(before.containers.app.deviceIds);
    expect((await next.admit(pod)).containers.app).toEqual(before.containers.app);
  });

  it.each([
    ['not JSON', 'no json'],
    ['a wrong checksum', '{"Data":{"PodDeviceEntries":[],"RegisteredDevices":{"a.b/c":[]}},"Checksum":1}'],
    ['nothing', ''],
  ])('is ignored with %s in it', async (_, text) => {
    await using rig = await Rig.create();
    await rig.registered(['a']);
    await rig.kubelet.stop();
    await writeFile(fileOf(rig), text);
    await rig.kubelet.start();
    expect(rig.kubelet.checkpoint()).toEqual({ PodDeviceEntries: [], RegisteredDevices: {} });
    // The status of the node keeps the name.
    expect(rig.kubelet.resources().get(red)).toMatchObject({ state: 'forgotten', isReported: true, capacity: 0 });
  });

  it('is ignored with an answer in it that nobody can read', async () => {
    await using rig = await Rig.create();
    // One byte of 0xff: a tag that never ends.
    await rig.registered(['a']);
    await rig.kubelet.admit(pod);
    const text = await readFile(fileOf(rig), 'utf8');
    const { encodeCheckpoint } = await import('../src/checkpoint.ts');
    const { Data } = JSON.parse(text) as { Data: Parameters<typeof encodeCheckpoint>[0] };
    const broken = { ...Data, PodDeviceEntries: Data.PodDeviceEntries.map((it) => ({ ...it, AllocResp: '/w==' })) };
    await rig.kubelet.stop();
    await writeFile(fileOf(rig), encodeCheckpoint(broken));
    await rig.kubelet.start();
    expect(rig.kubelet.resources().get(red)).toMatchObject({ state: 'forgotten' });
  });

  it('keeps the kubelet from starting when it cannot be read', async () => {
    await using rig = await Rig.create();
    await rig.kubelet.stop();
    await mkdir(fileOf(rig));
    await expect(rig.kubelet.start()).rejects.toThrow('EISDIR');
    await rm(fileOf(rig), { recursive: true });
    await rig.kubelet.start();
  });

  it('refuses a pod, but no list, when it cannot be written', async () => {
    await using rig = await Rig.create();
    const plugin = await rig.registered(['a']);
    await rm(fileOf(rig));
    await mkdir(join(fileOf(rig), 'in the way'), { recursive: true });
    plugin.list(devices('a', 'b'));
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    expect(rig.eventTypes()).toContain('checkpointFailed');
    await expect(rig.kubelet.admit(pod)).rejects.toThrow(
      'failed to write checkpoint file "kubelet_internal_checkpoint": EISDIR',
    );
  });
});
