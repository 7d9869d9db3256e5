// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { treeOf } from './devices.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { registerTimeoutMs } from '../src/serve/registration.ts';
import { blue, handles, red, Rig, TreePlugin } from './rig.ts';
import { staleSocket } from './stale-socket.ts';

const problem = (): string | undefined => telemetry.resources.get(red)?.problem;

/** Until the kubelet knows both devices of the plugin. */
async function listed(rig: Rig, registrations = 1): Promise<void> {
  await rig.kubelet.waitFor({ resource: red, devices: ['a', 'b'], state: 'connected', registrations });
}

describe('registration', () => {
  it('waits for a kubelet that is late', async () => {
    await using rig = await Rig.create();
    rig.run(new TreePlugin());
    await expect.poll(problem).toContain('waiting for the kubelet');
    expect(rig.log.with('waiting for the kubelet')).toHaveLength(1);
    await rig.kubelet.start();
    await listed(rig);
    expect(problem()).toBeUndefined();
    expect(telemetry.resources.get(red)).toMatchObject({ registered: true, streamOpen: true });
  });

  it('waits for a plugin directory that is late', async () => {
    await using rig = await Rig.create();
    rmSync(rig.dir, { recursive: true });
    rig.run(new TreePlugin());
    await expect.poll(problem).toContain('no such file or directory');
    await rig.kubelet.start();
    await listed(rig);
    expect(problem()).toBeUndefined();
  });

  it('waits behind a kubelet.sock that nobody serves, and registers as soon as it is another', async () => {
    await using rig = await Rig.create();
    await staleSocket(rig.kubelet.socketPath);
    rig.run(new TreePlugin());
    await expect.poll(problem).toContain('ECONNREFUSED');
    await rig.kubelet.start();
    await listed(rig);
    expect(rig.log.with('cannot register with the kubelet')).toHaveLength(1);
    expect(problem()).toBeUndefined();
  });

  it('goes on trying with a kubelet that refuses, and says why once', async () => {
    let refusals = 0;
    const beforeRegister = async (): Promise<void> => {
      if (refusals < 5) await Promise.reject(new Error(`not today ${refusals++ < 4}`));
    };
    await using rig = await Rig.withKubelet({ beforeRegister });
    const startMs = performance.now();
    rig.run(new TreePlugin());
    await listed(rig, 6);
    expect(rig.log.with('not today true')).toHaveLength(1);
    expect(rig.log.with('not today false')).toHaveLength(1);
    // 20, 40, 80, 160 and 320 ms, each at least by half.
    expect(performance.now() - startMs).toBeGreaterThan(300);
  });

  it('shows in its readiness what a kubelet refuses for ever', async () => {
    await using rig = await Rig.withKubelet({ beforeRegister: () => Promise.reject(new Error('never')) });
    const running = rig.run(new TreePlugin());
    await expect.poll(problem).toMatch(/cannot register.*never/);
    await running.stop();
    expect(rig.files()).toEqual([]);
  });

  it('gives the kubelet more time than it needs to call back', () => {
    expect(registerTimeoutMs).toBeGreaterThan(10_000);
    expect(registerTimeoutMs).toBeLessThanOrEqual(60_000);
  });

  it('ends at once while the kubelet takes its time', async () => {
    const asked = Promise.withResolvers<undefined>();
    const beforeRegister = async (): Promise<void> => {
      asked.resolve(undefined);
      await Promise.withResolvers<undefined>().promise;
    };
    await using rig = await Rig.withKubelet({ beforeRegister });
    const running = rig.run(new TreePlugin());
    await asked.promise;
    const startMs = performance.now();
    await running.stop();
    expect(performance.now() - startMs).toBeLessThan(3_000);
    expect([rig.files(), rig.log.with('cannot register')]).toEqual([[], []]);
  });

  it('keeps a failure of one resource away from the others', async () => {
    const beforeRegister = (request: { resourceName: string }): Promise<void> =>
      request.resourceName === red ? Promise.reject(new Error('not red')) : Promise.resolve();
    await using rig = await Rig.withKubelet({ beforeRegister });
    rig.run(new TreePlugin(treeOf({ red: ['a'], blue: ['b'] })));
    await rig.kubelet.waitFor({ resource: blue, devices: ['b'], state: 'connected' });
    expect(rig.kubelet.registrations(blue)).toBe(1);
  });
});

describe('re-registration', () => {
  it('follows when kubelet.sock is another file', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    await listed(rig);
    // A second kubelet in a directory of its own, whose socket takes the place of the first one's: the plugin's is left alone.
    await using other = new FakeKubelet({ dir: rig.temp.join('other') });
    await other.start();
    await rename(other.socketPath, rig.kubelet.socketPath);
    await expect.poll(() => other.registrations(red)).toBe(1);
  });

  it.each(['1.26', '1.37'] as const)(
    'follows when its own socket is removed, and nothing else (%s)',
    async (profile) => {
      await using rig = await Rig.withKubelet({ profile });
      rig.run(new TreePlugin(treeOf({ red: ['a', 'b'], blue: ['c'] })));
      await listed(rig);
      await rig.kubelet.waitFor({ resource: blue, state: 'connected', devices: 1 });
      for (let i = 2; i <= 4; i++) {
        await rm(rig.socketOf(red));
        await listed(rig, i);
      }
      expect([rig.files().length, rig.kubelet.registrations(red), rig.kubelet.registrations(blue)]).toEqual([2, 4, 1]);
    },
  );

  it('follows when the plugin directory is replaced', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    await listed(rig);
    await rig.kubelet.stop('crash');
    rmSync(rig.dir, { recursive: true });
    mkdirSync(rig.dir);
    await rig.kubelet.start();
    await listed(rig, 2);
    expect(rig.files()).toHaveLength(1);
  });

  it('follows when the plugin directory is moved away and comes back late', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    await listed(rig);
    await rig.kubelet.stop('crash');
    await rename(rig.dir, rig.temp.join('old'));
    await expect.poll(problem).toBeDefined();
    await rig.kubelet.start();
    await listed(rig, 2);
  });

  it('follows when the kubelet ends its stream, also while somebody else still has one', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    await listed(rig);
    const reader = rig.client(rig.socketOf(red)).listAndWatch();
    await expect.poll(() => reader.ids).toEqual([['a', 'b']]);
    // Its socket stays and is the same: nothing but the end of the stream tells.
    await rig.kubelet.stop('crash');
    await expect.poll(() => rig.log.with('the kubelet ended its stream')).toHaveLength(1);
    await expect.poll(problem).toContain('ECONNREFUSED');
  });

  it('does not follow when somebody else opens a stream and leaves', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    await listed(rig);
    for (let i = 0; i < 10; i++) {
      const client = rig.client(rig.socketOf(red));
      await client.options();
      const reader = client.listAndWatch();
      await expect.poll(() => reader.ids).toEqual([['a', 'b']]);
      reader.cancel();
      client.close();
    }
    expect(rig.log.with('registering again')).toEqual([]);
    expect(telemetry.resources.get(red)).toMatchObject({ streamOpen: true });
    // It would have come within 100 ms: a change shows that the plugin is past that.
    await rm(rig.socketOf(red));
    await listed(rig, 2);
    expect(rig.kubelet.registrations(red)).toBe(2);
  });

  it.each(['graceful', 'crash'] as const)(
    'follows each of 20 restarts of the kubelet, %s ones, and leaves nothing behind',
    async (kind) => {
      const before = handles();
      {
        await using rig = await Rig.withKubelet();
        const running = rig.run(new TreePlugin());
        await listed(rig);
        const registrationMs: number[] = [];
        for (let i = 2; i <= 21; i++) {
          await rig.kubelet.restart(kind);
          const startMs = performance.now();
          await listed(rig, i);
          registrationMs.push(performance.now() - startMs);
          await expect.poll(() => rig.files()).toHaveLength(1);
        }
        expect(rig.kubelet.registrations(red)).toBeLessThanOrEqual(25);
        expect(registrationMs.toSorted((a, b) => a - b)[10]).toBeLessThan(1_000);
        expect(basename(rig.socketOf(red))).toMatch(/^color\.example\.com-red-[0-9a-f]{8}\.sock$/);
        await running.stop();
        expect(rig.files()).toEqual([]);
      }
      await expect.poll(handles).toEqual(before);
    },
  );

  it('follows two restarts in a row', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    await listed(rig);
    await rig.kubelet.restart('crash');
    await rig.kubelet.restart('graceful');
    await listed(rig, 2);
    expect(rig.files()).toHaveLength(1);
  });

  it('follows a kubelet that was away for a while', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin());
    await listed(rig);
    await rig.kubelet.stop('crash');
    await expect.poll(problem).toContain('ECONNREFUSED');
    await rm(join(rig.dir, 'kubelet.sock'));
    await expect.poll(problem).toBe(`waiting for the kubelet: ${join(rig.dir, 'kubelet.sock')} is not there yet`);
    await rig.kubelet.start();
    await listed(rig, 2);
  });
});
