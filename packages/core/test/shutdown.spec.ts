// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AllocateRequest, AllocateResponse } from '../src/kubelet-api/deviceplugin.ts';
import { red, Rig, TreePlugin } from './rig.ts';

/** Answers an allocation when it is told to. */
class PonderingPlugin extends TreePlugin {
  readonly asked = Promise.withResolvers<undefined>();
  readonly answer = Promise.withResolvers<undefined>();

  async allocate({ containerRequests }: AllocateRequest): Promise<AllocateResponse> {
    this.asked.resolve(undefined);
    await this.answer.promise;
    const container = { envs: { DONE: '1' }, mounts: [], devices: [], annotations: {}, cdiDevices: [] };
    return { containerResponses: containerRequests.map(() => container) };
  }
}

describe('the end of a plugin with a pod at the kubelet', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.withKubelet();
  });

  afterEach(async () => {
    await rig[Symbol.asyncDispose]();
  });

  it('keeps the stream, without which the kubelet hangs up, until the allocation under way is answered', async () => {
    const running = rig.run(new PonderingPlugin());
    const { plugin } = running;
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    const admitted = rig.kubelet.admit({ pod: 'late', containers: [{ name: 'app', limits: { [red]: 1 } }] });
    await plugin.asked.promise;
    const stopped = running.stop();
    setTimeout(() => {
      plugin.answer.resolve(undefined);
    }, 100);
    const { containers } = await admitted;
    expect(containers.app).toMatchObject({ envs: { DONE: '1' } });
    await stopped;
  });
});
