// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, status } from '@grpc/grpc-js';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FakeKubeletOptions, type KubeletProfile, ManualClock, podresources } from '../src/index.ts';
import { blue, red, Rig } from './rig.ts';

const { list, getAllocatableResources, get } = podresources.PodResourcesListerService;

const pod = {
  pod: 'p',
  namespace: 'ns',
  initContainers: [
    { name: 'init', limits: { [red]: 1 } },
    { name: 'side', limits: { [blue]: 1 }, restartPolicy: 'Always' },
  ],
  containers: [{ name: 'app', limits: { [red]: 2 } }],
} as const;

async function serving(options: Partial<FakeKubeletOptions> = {}): Promise<Rig> {
  const rig = await Rig.with((dir) => ({ podResourcesDir: join(dir, 'pod-resources'), ...options }));
  await rig.registered(['a', 'b', 'c!']);
  const plugin = await rig.registered([], { resource: blue, endpoint: 'blue.sock' });
  plugin.list([{ ID: 'x', health: 'Healthy', topology: { nodes: [{ ID: 1 }] } }]);
  await rig.kubelet.waitFor({ resource: blue, devices: 1 });
  return rig;
}

interface Method<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

async function call<Request, Response>(
  rig: Rig,
  method: Method<Request, Response>,
  request: Request,
): Promise<Response> {
  const client = new Client(`unix:${join(rig.dir, 'pod-resources/kubelet.sock')}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const { path, requestSerialize, responseDeserialize } = method;
  client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
    if (error === null) resolve(response as Response);
    else reject(error);
  });
  return await promise.finally(() => client.close());
}

const device = (resourceName: string, id: string, nodes?: { nodes: { ID: number }[] }) => ({
  resourceName,
  deviceIds: [id],
  topology: nodes,
});

describe('podresources', () => {
  it('lists who has what, device by device', async () => {
    await using rig = await serving();
    expect(await call(rig, list, {})).toEqual({ podResources: [] });
    await rig.kubelet.admit(pod);
    const { podResources } = await call(rig, list, {});
    expect(podResources).toMatchObject([
      {
        name: 'p',
        namespace: 'ns',
        containers: [
          { name: 'side', devices: [device(blue, 'x', { nodes: [{ ID: 1 }] })] },
          { name: 'app', devices: expect.any(Array) as unknown },
        ],
      },
    ]);
    const ids = podResources[0]?.containers[1]?.devices.map(({ deviceIds }) => deviceIds);
    expect(ids?.toSorted()).toEqual([['a'], ['b']]);
    rig.kubelet.deletePod('p');
    expect(await call(rig, list, {})).toEqual({ podResources: [] });
  });

  it('names the healthy devices', async () => {
    await using rig = await serving();
    expect(await call(rig, getAllocatableResources, {})).toEqual({
      devices: [device(blue, 'x', { nodes: [{ ID: 1 }] }), device(red, 'a'), device(red, 'b')],
      cpuIds: [],
      memory: [],
    });
  });

  it('gets one pod', async () => {
    await using rig = await serving();
    await rig.kubelet.admit({ ...pod, namespace: 'default' });
    const { podResources } = await call(rig, get, { podName: 'p', podNamespace: 'default' });
    expect(podResources).toMatchObject({ name: 'p', containers: [{ name: 'side' }, { name: 'app' }] });
    await expect(call(rig, get, { podName: 'p', podNamespace: 'ns' })).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: 'pod p in namespace ns not found',
    });
    await expect(call(rig, get, { podName: 'q', podNamespace: 'default' })).rejects.toThrow('not found');
  });

  it.each([
    ['1.26', status.UNIMPLEMENTED],
    ['1.33', status.UNKNOWN],
  ] as const)('does not get a pod in %s', async (profile, code) => {
    await using rig = await serving({ profile });
    await expect(call(rig, get, { podName: 'p', podNamespace: 'default' })).rejects.toMatchObject({ code });
  });

  it.each([
    ['1.33', 1],
    ['1.34', 0],
  ] as [KubeletProfile, number][])('lists pods that have failed until 1.33: %s', async (profile, count) => {
    await using rig = await serving({ profile });
    const tooMany = { pod: 'q', containers: [{ name: 'app', limits: { [red]: 9 } }] };
    await expect(rig.kubelet.admit(tooMany)).rejects.toThrow('Requested: 9');
    expect((await call(rig, list, {})).podResources).toHaveLength(count);
  });

  it('answers ten calls at once, and then a hundred in a second', async () => {
    const clock = new ManualClock();
    await using rig = await serving({ clock });
    for (let calls = 0; calls < 10; calls += 1) await call(rig, list, {});
    const refused = { code: status.RESOURCE_EXHAUSTED, details: 'rejected by rate limit' };
    await expect(call(rig, list, {})).rejects.toMatchObject(refused);
    clock.advance(10);
    await call(rig, list, {});
    await expect(call(rig, list, {})).rejects.toMatchObject(refused);
  });

  it('goes and comes with the kubelet', async () => {
    await using rig = await serving();
    const socketPath = join(rig.dir, 'pod-resources/kubelet.sock');
    await rig.kubelet.stop('crash');
    expect((await stat(socketPath)).isSocket()).toBe(true);
    await expect(call(rig, list, {})).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await rig.kubelet.start();
    await call(rig, list, {});
    await rig.kubelet.stop();
    await expect(stat(socketPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
