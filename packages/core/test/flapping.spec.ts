// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listsOf, red, redClient, Rig, TreePlugin } from './rig.ts';
import type { KubeletEvent } from '@kube-device-plugins/testkit';

describe('a device that flaps ten times a second', () => {
  it('costs the kubelet one message a second and the log few lines, is never given away unhealthy, and ends up right', async () => {
    await using rig = await Rig.withKubelet();
    const events: KubeletEvent[] = [];
    rig.kubelet.subscribe((event) => events.push(event));
    const running = rig.run(new TreePlugin());
    const { plugin } = running;
    const client = await redClient(rig);
    const reader = client.listAndWatch();
    const startMs = performance.now();
    for (let i = 0; i < 31; i++) {
      plugin.find({ red: [i % 2 === 0 ? 'a!' : 'a', 'b'] });
      const allocated = client.allocate(['a']);
      if (i % 2 === 0) await expect(allocated).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
      else await expect(allocated).resolves.toBeDefined();
      await sleep(100);
    }
    await rig.kubelet.waitFor({ resource: red, devices: { a: 'Unhealthy', b: 'Healthy' } });
    await expect.poll(() => reader.lists.at(-1)?.[0]?.health).toBe('Unhealthy');
    // The first list, four changes at once, and one in each second since.
    const atMost = 1 + 4 + Math.ceil((performance.now() - startMs) / 1_000);
    expect(listsOf(events, red).length).toBeLessThanOrEqual(atMost);
    expect(reader.lists.length).toBeLessThanOrEqual(atMost);
    expect(rig.kubelet.registrations(red)).toBe(1);
    // Ten changes at once, and one in five seconds since.
    expect(rig.log.with(' id="a"').length).toBeLessThanOrEqual(10 + Math.ceil((performance.now() - startMs) / 5_000));
    await running.stop();
    expect(rig.log.with(' id="a"').at(-1)).toContain('device is unhealthy');
  });

  it('is as quick as any other while it does not flap', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    const timesMs: number[] = [];
    for (const id of ['a!', 'a', 'a!', 'a']) {
      const startMs = performance.now();
      plugin.find({ red: [id, 'b'] });
      await rig.kubelet.waitFor({ resource: red, allocatable: id === 'a' ? 2 : 1 });
      timesMs.push(performance.now() - startMs);
    }
    // Any of them would take a second if it had to wait for its turn.
    expect(Math.max(...timesMs)).toBeLessThan(900);
  });
});
