// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { UnexpectedAdmissionError } from '@kube-device-plugins/testkit';
import { describe, expect, it, vi } from 'vitest';
import { UseDefaultMethodError } from '../src/errors.ts';
import type { AllocateResponse } from '../src/kubelet-api/deviceplugin.ts';
import { red, redClient, Rig, TreePlugin } from './rig.ts';

const emptyContainer = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };

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
      postAllocate: () => {
        throw new Error('no more');
      },
    });
    rig.run(plugin);
    const client = await redClient(rig);
    await expect(client.preStart(['a'])).rejects.toMatchObject({ code: status.UNKNOWN, details: 'no reset' });
    const admitted = rig.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [red]: 1 } }] });
    await expect(admitted).rejects.toThrow(UnexpectedAdmissionError);
    await expect(admitted).rejects.toThrow('no more');
    await expect(client.allocate(['a'])).rejects.toMatchObject({ code: status.UNKNOWN, details: 'no more' });
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
