// SPDX-License-Identifier: Apache-2.0
import type { KubeletEvent } from '@kube-device-plugins/testkit';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Notifier } from '../src/device-plugin.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { treeOf } from './devices.ts';
import { blue, handles, listsOf, red, Rig, TreePlugin } from './rig.ts';

describe('Manager.run()', () => {
  it('rejects with what scan() rejects with, and takes everything down', async () => {
    await using rig = await Rig.withKubelet();
    const failing = Promise.withResolvers<undefined>();
    const scan = async (notifier: Notifier): Promise<void> => {
      notifier.notify(treeOf({ red: ['a'] }));
      await failing.promise;
    };
    const running = rig.run({ scan });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    failing.reject(new Error('no driver'));
    await expect(running.finished).rejects.toThrow('no driver');
    expect(rig.files()).toEqual([]);
    const scanAtOnce = (): never => {
      throw new Error('at once');
    };
    await expect(rig.run({ scan: scanAtOnce }).finished).rejects.toThrow('at once');
  });

  it('resolves when scan() returns, and takes everything down', async () => {
    await using rig = await Rig.withKubelet();
    const done = Promise.withResolvers<undefined>();
    const scan = async (notifier: Notifier): Promise<void> => {
      notifier.notify(treeOf({ red: ['a'] }));
      await done.promise;
    };
    const running = rig.run({ scan });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    done.resolve(undefined);
    await expect(running.finished).resolves.toBeUndefined();
    expect(rig.files()).toEqual([]);
    expect(rig.log.with('the scan returned without being asked to stop')).toHaveLength(1);
  });

  it('resolves when scan() rejects because it is to stop, and takes no more trees', async () => {
    await using rig = await Rig.withKubelet();
    const scan = async (notifier: Notifier, signal: AbortSignal): Promise<void> => {
      notifier.notify(treeOf({ red: ['a'] }));
      const { promise, reject } = Promise.withResolvers<undefined>();
      signal.addEventListener('abort', () => {
        notifier.notify(treeOf({ blue: ['a'] }));
        reject(signal.reason as Error);
      });
      await promise;
    };
    const running = rig.run({ scan });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    await expect(running.stop()).resolves.toBeUndefined();
    expect([rig.files(), rig.kubelet.registrations(blue)]).toEqual([[], 0]);
  });

  it('ends streams, removes sockets and leaves no handle when it is aborted', async () => {
    const before = handles();
    {
      await using rig = await Rig.withKubelet();
      const events: KubeletEvent[] = [];
      rig.kubelet.subscribe((event) => events.push(event));
      const running = rig.run(new TreePlugin(treeOf({ red: ['a'], blue: ['b'] })));
      await rig.kubelet.waitFor({ resource: red, devices: 1 });
      await rig.kubelet.waitFor({ resource: blue, devices: 1 });
      await running.stop();
      expect(rig.files()).toEqual([]);
      await rig.kubelet.waitFor({ resource: red, state: 'disconnected', capacity: 1, allocatable: 0 });
      await rig.kubelet.waitFor({ resource: blue, state: 'disconnected' });
      // In good order, and without an empty list.
      expect(events.filter(({ type }) => type === 'streamEnded')).toMatchObject([
        { error: undefined },
        { error: undefined },
      ]);
      expect([listsOf(events, red), listsOf(events, blue)]).toEqual([[['a']], [['b']]]);
      expect([...telemetry.resources.keys()]).toEqual([]);
    }
    await expect.poll(handles).toEqual(before);
  });

  it('lets an allocation finish that is under way', async () => {
    await using rig = await Rig.withKubelet();
    const [began, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const postAllocate = async (): Promise<void> => {
      began.resolve(undefined);
      await goOn.promise;
    };
    const running = rig.run(Object.assign(new TreePlugin(), { postAllocate }));
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    const admitted = rig.client(rig.socketOf(red)).allocate(['a']);
    await began.promise;
    const stopped = running.stop();
    await expect.poll(() => rig.files()).toEqual([]);
    goOn.resolve(undefined);
    await expect(admitted).resolves.toMatchObject({ containerResponses: [{ devices: [{ hostPath: '/dev/a' }] }] });
    await stopped;
  });

  it('does not wait for ever for a scan that does not stop', async () => {
    await using rig = await Rig.withKubelet();
    const scan = async (notifier: Notifier): Promise<void> => {
      notifier.notify(treeOf({ red: ['a'] }));
      await Promise.withResolvers<undefined>().promise;
    };
    const running = rig.run({ scan });
    await rig.kubelet.waitFor({ resource: red, devices: 1 });
    await expect(running.stop()).resolves.toBeUndefined();
    expect(rig.files()).toEqual([]);
  });

  it('gives up a plugin directory that can never come back', async () => {
    await using rig = await Rig.create();
    await using handle = await open(rig.dir);
    const running = rig.run(new TreePlugin(), { devicePluginPath: `/proc/self/fd/${handle.fd}` });
    await expect.poll(() => rig.sockets()).toHaveLength(1);
    // In one go, or the plugin would put a new socket into the directory.
    rmSync(rig.dir, { recursive: true });
    await expect(running.finished).rejects.toMatchObject({ code: 'PLUGIN_DIR_DELETED' });
  });

  it('refuses a directory in which no socket has room', async () => {
    await using rig = await Rig.create();
    const running = rig.run(new TreePlugin(), { devicePluginPath: `/${'d'.repeat(100)}` });
    await expect(running.finished).rejects.toMatchObject({ code: 'SOCKET_PATH_TOO_LONG' });
  });
});
