// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { UnexpectedAdmissionError } from '@kube-device-plugins/testkit';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { CdiSpecFiles } from '../src/cdi/spec-files.ts';
import type { CdiDevice } from '../src/cdi/spec.ts';
import { DeviceTree } from '../src/device-tree.ts';
import { UseDefaultMethodError } from '../src/errors.ts';
import { DevicePluginService, type AllocateResponse } from '../src/kubelet-api/deviceplugin.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { device, treeOf } from './devices.ts';
import { type PluginClient } from './plugin-client.ts';
import { blue, red, Rig, TreePlugin } from './rig.ts';

const emptyContainer = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };

/** A client of the red resource, once it is registered. */
async function redClient(rig: Rig): Promise<PluginClient> {
  await rig.kubelet.waitFor({
    resource: red,
    state: 'connected',
    capacity: rig.kubelet.resources().get(red)?.capacity ?? 0,
  });
  return rig.client(rig.socketOf(red));
}

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
    await expect.poll(() => rig.files()).toHaveLength(1);
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
});

describe('optional capabilities', () => {
  it('are told to the kubelet, and used, when the plugin has them', async () => {
    await using rig = await Rig.withKubelet();
    const preStartContainer = vi.fn(() => Promise.resolve());
    const getPreferredAllocation = vi.fn(() => Promise.resolve({ containerResponses: [{ deviceIDs: ['b'] }] }));
    rig.run(Object.assign(new TreePlugin(), { preStartContainer, getPreferredAllocation }));
    const { options } = await rig.kubelet.waitFor({ resource: red, devices: 2 });
    expect(options).toEqual({ preStartRequired: true, getPreferredAllocationAvailable: true });
    expect(rig.kubelet.calls.find(({ method }) => method === 'Register')?.request).toMatchObject({ options });
    const { containers } = await rig.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [red]: 1 } }] });
    expect(containers.c.deviceIds[red]).toEqual(['b']);
    await rig.kubelet.startContainer('p', 'c');
    expect(preStartContainer).toHaveBeenCalledWith({ devicesIds: ['b'] });
  });

  it('are refused when the plugin does not have them', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    const client = await redClient(rig);
    await expect(client.options()).resolves.toEqual({
      preStartRequired: false,
      getPreferredAllocationAvailable: false,
    });
    await expect(client.prefer(['a'], 1)).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      details: expect.stringContaining('preferred') as string,
    });
    await expect(client.preStart(['a'])).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    await expect(client.getInfo()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('fail the call when they reject, with the text of the plugin', async () => {
    await using rig = await Rig.withKubelet();
    const plugin = Object.assign(new TreePlugin(), {
      preStartContainer: () => Promise.reject(new Error('no reset')),
      getPreferredAllocation: () => {
        throw new Error('no preference');
      },
      postAllocate: () => {
        throw new Error('no more');
      },
    });
    rig.run(plugin);
    const client = await redClient(rig);
    await expect(client.preStart(['a'])).rejects.toMatchObject({ code: status.UNKNOWN, details: 'no reset' });
    await expect(client.prefer(['a'], 1)).rejects.toMatchObject({ code: status.UNKNOWN, details: 'no preference' });
    const admitted = rig.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [red]: 1 } }] });
    await expect(admitted).rejects.toThrow(UnexpectedAdmissionError);
    await expect(admitted).rejects.toThrow('no more');
  });

  it('lets a plugin answer Allocate itself; postAllocate() is not called then', async () => {
    await using rig = await Rig.withKubelet();
    const own: AllocateResponse = { containerResponses: [{ ...emptyContainer, envs: { OWN: '1' } }] };
    const postAllocate = vi.fn();
    rig.run(Object.assign(new TreePlugin(), { allocate: () => Promise.resolve(own), postAllocate }));
    await expect((await redClient(rig)).allocate(['whatever'])).resolves.toEqual(own);
    expect(postAllocate).not.toHaveBeenCalled();
  });

  it('allocates as usual for a plugin that throws UseDefaultMethodError', async () => {
    await using rig = await Rig.withKubelet();
    const allocate = vi.fn(() => Promise.reject(new UseDefaultMethodError()));
    const postAllocate = vi.fn((response: AllocateResponse) => {
      for (const container of response.containerResponses) container.envs['EDITED'] = '1';
    });
    rig.run(Object.assign(new TreePlugin(), { allocate, postAllocate }));
    const client = await redClient(rig);
    await expect(client.allocate(['a'])).resolves.toMatchObject({
      containerResponses: [{ envs: { EDITED: '1' }, devices: [{ hostPath: '/dev/a' }] }],
    });
    // What a plugin edits stays with that answer.
    postAllocate.mockImplementation(() => undefined);
    await expect(client.allocate(['a'])).resolves.toMatchObject({ containerResponses: [{ envs: {} }] });
    expect(allocate).toHaveBeenCalledTimes(2);
  });

  it('fails the call when its own answer is no answer', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(Object.assign(new TreePlugin(), { allocate: () => Promise.resolve({} as AllocateResponse) }));
    const client = await redClient(rig);
    await expect(client.allocate(['a'])).rejects.toMatchObject({ code: status.INTERNAL });
    await expect(client.options()).resolves.toBeDefined();
  });
});

describe('CDI', () => {
  const fpga: CdiDevice = {
    kind: 'intel.cdi.k8s.io/fpga',
    name: 'fme0',
    containerEdits: { env: ['FME=0'], deviceNodes: [{ path: '/dev/fme0' }] },
  };
  const tree = (): DeviceTree => new DeviceTree().addDevice('red', 'a', { ...device('a'), cdiDevices: [fpga] });
  const specName = 'intel.cdi.k8s.io-fpga-fme0.yaml';

  it('writes the spec file when the device is found, and names the device in the answer', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(tree()));
    await expect.poll(() => existsSync(rig.temp.join('cdi', specName))).toBe(true);
    await expect((await redClient(rig)).allocate(['a'])).resolves.toMatchObject({
      containerResponses: [{ cdiDevices: [{ name: 'intel.cdi.k8s.io/fpga=fme0' }] }],
    });
    expect(readFileSync(rig.temp.join('cdi', specName), 'utf8')).toContain('FME=0');
  });

  it('writes it again before the answer when it is gone or was changed', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(tree()));
    const client = await redClient(rig);
    await expect.poll(() => existsSync(rig.temp.join('cdi', specName))).toBe(true);
    const right = readFileSync(rig.temp.join('cdi', specName), 'utf8');
    rmSync(rig.temp.join('cdi'), { recursive: true });
    await client.allocate(['a']);
    expect(readFileSync(rig.temp.join('cdi', specName), 'utf8')).toBe(right);
    writeFileSync(rig.temp.join('cdi', specName), 'broken');
    await client.allocate(['a']);
    expect(readFileSync(rig.temp.join('cdi', specName), 'utf8')).toBe(right);
  });

  it('removes it when the device goes', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(tree()));
    await expect.poll(() => existsSync(rig.temp.join('cdi', specName))).toBe(true);
    plugin.find({ red: ['b'] });
    await expect.poll(() => readdirSync(rig.temp.join('cdi'))).toEqual([]);
  });

  it('keeps it when the plugin ends: containers start again without it', async () => {
    await using rig = await Rig.withKubelet();
    const running = rig.run(new TreePlugin(tree()));
    // Aborted at once: the file is complete when the manager has ended, and not written later.
    await running.stop();
    expect(readdirSync(rig.temp.join('cdi'))).toEqual([specName]);
  });

  it('fails Allocate, and only that, when the file cannot be written', async () => {
    await using rig = await Rig.withKubelet();
    writeFileSync(rig.temp.join('cdi'), 'no directory');
    const plugin = new TreePlugin(
      new DeviceTree().addDevice('red', 'a', { ...device('a'), cdiDevices: [fpga] }).addDevice('red', 'b', device('b')),
    );
    rig.run(plugin);
    const client = await redClient(rig);
    await expect(client.allocate(['a'])).rejects.toMatchObject({
      code: status.INTERNAL,
      details: expect.stringContaining(specName) as string,
    });
    await expect(client.allocate(['b'])).resolves.toBeDefined();
    rmSync(rig.temp.join('cdi'));
    await expect(client.allocate(['a'])).resolves.toBeDefined();
  });

  it('does not ask for files of devices that were not allocated', async () => {
    await using rig = await Rig.withKubelet();
    const ensure = vi.spyOn(CdiSpecFiles.prototype, 'ensure');
    rig.run(
      new TreePlugin(
        new DeviceTree()
          .addDevice('red', 'a', { ...device('a'), cdiDevices: [fpga] })
          .addDevice('red', 'b', device('b')),
      ),
    );
    await (await redClient(rig)).allocate(['b']);
    expect(ensure).not.toHaveBeenCalled();
    ensure.mockRestore();
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
