// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';
import { DevicePluginService } from '../src/kubelet-api/deviceplugin.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { CapturedLog } from './captured-log.ts';
import { treeOf } from './devices.ts';
import { blue, red, redClient, Rig, TreePlugin } from './rig.ts';

const emptyContainer = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };

describe('Allocate', () => {
  it('gives each container its devices', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(treeOf({ red: ['a', 'b', 'c'], blue: ['d'] })));
    await rig.kubelet.waitFor({ resource: red, devices: 3 });
    await rig.kubelet.waitFor({ resource: blue, devices: 1 });
    const { containers } = await rig.kubelet.admit({
      pod: 'p',
      initContainers: [{ name: 'init', limits: { [red]: 1 } }],
      containers: [
        { name: 'first', limits: { [red]: 2, [blue]: 1 } },
        { name: 'second', limits: { [red]: 1 } },
      ],
    });
    // The device of the init container is given to a later one again.
    expect(
      [...(containers.first.deviceIds[red] ?? []), ...(containers.second.deviceIds[red] ?? [])].toSorted(),
    ).toEqual(['a', 'b', 'c']);
    expect(containers.first.devices.map(({ hostPath }) => hostPath)).toContain('/dev/d');
    expect(containers.first.devices).toHaveLength(3);
  });

  it('answers before anybody has opened a stream', async () => {
    await using rig = await Rig.create();
    rig.run(new TreePlugin());
    await expect.poll(() => rig.sockets()).toHaveLength(1);
    const client = rig.client(rig.socketOf(red));
    await expect(client.allocate(['a'])).resolves.toMatchObject({
      containerResponses: [{ devices: [{ hostPath: '/dev/a' }] }],
    });
    await expect(client.allocate()).resolves.toEqual({ containerResponses: [] });
    await expect(client.allocate([])).resolves.toEqual({ containerResponses: [emptyContainer] });
    await expect(client.allocate(['a'], [], ['b', 'a'])).resolves.toMatchObject({
      containerResponses: [
        { devices: [{}] },
        { devices: [] },
        { devices: [{ hostPath: '/dev/a' }, { hostPath: '/dev/b' }] },
      ],
    });
  });

  it('has been tried once when the first pod comes, and that is not counted', async () => {
    await using rig = await Rig.withKubelet();
    using log = new CapturedLog(4);
    const allocate = vi.fn();
    rig.run(Object.assign(new TreePlugin(), { allocate }));
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    await expect.poll(() => log.with('warmed up')).toHaveLength(1);
    expect(allocate).not.toHaveBeenCalled();
  });

  it('refuses devices that are unknown or unhealthy, and goes on', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a', 'b!'] })));
    const client = await redClient(rig);
    await expect(client.allocate(['a'], ['x'])).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: `${red} has no device "x"`,
    });
    await expect(client.allocate(['a', 'b'])).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: `device "b" of ${red} is unhealthy`,
    });
    plugin.find({ red: ['b'] });
    await expect(client.allocate(['a'])).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(client.allocate(['b'])).resolves.toMatchObject({
      containerResponses: [{ devices: [{ hostPath: '/dev/b' }] }],
    });
  });

  it('answers 200 calls at once, while lists change', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a'] })));
    const client = await redClient(rig);
    const answers = Array.from({ length: 200 }, (_, i) => {
      plugin.find({ red: ['a', `x${i}`] });
      return client.allocate(['a']);
    });
    for (const answer of await Promise.all(answers)) expect(answer.containerResponses[0]?.devices).toHaveLength(1);
    await rig.kubelet.waitFor({ resource: red, devices: ['a', 'x199'] });
  });

  it('goes on when callers give up', async () => {
    await using rig = await Rig.withKubelet();
    const goOn = Promise.withResolvers<undefined>();
    const postAllocate = vi.fn(async () => {
      await goOn.promise;
    });
    rig.run(Object.assign(new TreePlugin(), { postAllocate }));
    const client = await redClient(rig);
    const given = client.allocate(['a']);
    await expect.poll(() => postAllocate.mock.calls.length).toBe(1);
    client.close();
    // grpc-js ends a call of a closed client when the call is cut, so the answer is not waited for.
    given.catch(() => undefined);
    goOn.resolve(undefined);
    await expect(rig.client(rig.socketOf(red)).allocate(['b'])).resolves.toMatchObject({ containerResponses: [{}] });
  });

  it('counts calls by their result', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    const client = await redClient(rig);
    const count = (result: string): number =>
      telemetry.allocations.samples().find(({ labels }) => labels['resource'] === red && labels['result'] === result)
        ?.value ?? 0;
    const [ok, error] = [count('ok'), count('error')];
    await client.allocate(['a']);
    await client.allocate(['x']).catch(() => undefined);
    await client.allocate();
    expect([count('ok') - ok, count('error') - error]).toEqual([1, 1]);
  });

  it('logs what is refused, with the ids and the reason', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(treeOf({ red: ['a', 'b!'] })));
    const client = await redClient(rig);
    await expect(client.allocate(['a'], ['b'])).rejects.toThrow();
    await client.allocate(['a']);
    expect(rig.log.with('allocation refused')).toEqual([
      expect.stringMatching(
        /^W.*resource="color\.example\.com\/red" ids="a,b" error=.*device \\"b\\" of .* is unhealthy/,
      ),
    ]);
  });

  it.each([
    ['allocate', {}],
    ['allocate', { containerResponses: [{ ...emptyContainer, devices: null }] }],
    ['postAllocate', { containerResponses: undefined }],
  ])('refuses what %s answers that cannot be sent, %j, and counts it as an error', async (method, answer) => {
    await using rig = await Rig.withKubelet();
    const plugin = Object.assign(new TreePlugin(), {
      [method]: (response: object) => (method === 'allocate' ? answer : Object.assign(response, answer)),
    });
    rig.run(plugin);
    const client = await redClient(rig);
    const errors = (): number =>
      telemetry.allocations.samples().find(({ labels }) => labels['resource'] === red && labels['result'] === 'error')
        ?.value ?? 0;
    const before = errors();
    await expect(client.allocate(['a'])).rejects.toMatchObject({
      code: status.INTERNAL,
      details: expect.stringContaining(`answer to an allocation of ${red} cannot be sent`) as string,
    });
    expect(errors() - before).toBe(1);
    expect(rig.log.with('allocation refused')[0]).toContain(red);
  });
});

describe('a plugin that is asked wrongly', () => {
  it('refuses a method that it does not know, a message that is none, and goes on', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    const client = await redClient(rig);
    const call = (path: string, bytes = Buffer.alloc(0)): Promise<unknown> =>
      client.call({ ...DevicePluginService.allocate, path, requestSerialize: () => bytes }, { containerRequests: [] });
    for (const path of ['/v1beta1.DevicePlugin/Nope', '/v1.DevicePlugin/Allocate', '/x', '/constructor/toString']) {
      await expect(call(path)).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    }
    await expect(call('/v1beta1.DevicePlugin/Allocate', Buffer.from([0x0a, 0x7f, 0x01]))).rejects.toMatchObject({
      code: status.INTERNAL,
    });
    await expect(call('/v1beta1.DevicePlugin/Allocate', Buffer.from([0x9a, 0x06, 0x01, 0x78]))).resolves.toEqual({
      containerResponses: [],
    });
    expect(rig.kubelet.resources().get(red)?.state).toBe('connected');
  });

  it('says why in a status that fits into a header', async () => {
    await using rig = await Rig.withKubelet();
    const allocate = (): Promise<never> => Promise.reject(new Error('é\ud800'.repeat(100_000)));
    rig.run(Object.assign(new TreePlugin(), { allocate }));
    await expect((await redClient(rig)).allocate(['a'])).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringMatching(/^é/) as string,
    });
  });
});
