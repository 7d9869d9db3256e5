// SPDX-License-Identifier: Apache-2.0
import type { KubeletEvent } from '@kube-device-plugins/testkit';
import { rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Notifier } from '../src/device-plugin.ts';
import { DeviceTree } from '../src/device-tree.ts';
import { Manager } from '../src/manage/manager.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { isServed } from '../src/serve/listening-socket.ts';
import { device, devices, treeOf } from './devices.ts';
import { blue, handles, namespace, red, Rig, TreePlugin } from './rig.ts';
import { staleSocket } from './stale-socket.ts';

/** The ids of each list that the kubelet got of this resource. */
function lists(events: readonly KubeletEvent[], resource: string): string[][] {
  return events.flatMap((event) =>
    event.type === 'listed' && event.resource === resource ? [event.devices.map(({ ID }) => ID)] : [],
  );
}

describe('new Manager()', () => {
  it.each(['', 'Color.example.com', 'kubernetes.io', 'requests.example.com', 'a/b', 'x'.repeat(250)])(
    'refuses the namespace %j',
    (name) => {
      expect(() => new Manager(name, new TreePlugin())).toThrow(
        expect.objectContaining({ code: 'RESOURCE_NAME_INVALID' }),
      );
    },
  );

  it('has the defaults of a stock node', async () => {
    // Nothing is scanned, as the signal has aborted, so nothing of this host is touched.
    await expect(new Manager(namespace, new TreePlugin(treeOf({}))).run(AbortSignal.abort())).resolves.toBeUndefined();
  });
});

describe('Manager.run()', () => {
  it('registers each resource on a socket of its own', async () => {
    await using rig = await Rig.withKubelet();
    rig.run(new TreePlugin(treeOf({ red: ['a', 'b!'], blue: ['c'], 'other.example.com/green': [] })));
    await rig.kubelet.waitFor({ resource: red, devices: { a: 'Healthy', b: 'Unhealthy' }, state: 'connected' });
    await rig.kubelet.waitFor({ resource: blue, devices: ['c'], state: 'connected' });
    await rig.kubelet.waitFor({ resource: 'other.example.com/green', devices: [], state: 'connected' });
    expect(rig.files()).toEqual([
      expect.stringMatching(/^color\.example\.com-blue-[0-9a-f]{8}\.sock$/),
      expect.stringMatching(/^color\.example\.com-red-[0-9a-f]{8}\.sock$/),
      expect.stringMatching(/^other\.example\.com-green-[0-9a-f]{8}\.sock$/),
    ]);
    const requests = rig.kubelet.calls.flatMap((call) => (call.method === 'Register' ? [call.request] : []));
    expect(requests).toHaveLength(3);
    for (const request of requests) {
      expect(request).toMatchObject({
        version: 'v1beta1',
        options: { preStartRequired: false, getPreferredAllocationAvailable: false },
      });
      expect(rig.files()).toContain(request.endpoint);
    }
  });

  it('sends complete and sorted lists, and never an empty one while devices are known', async () => {
    await using rig = await Rig.withKubelet();
    const events: KubeletEvent[] = [];
    rig.kubelet.subscribe((event) => events.push(event));
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['b', 'a', 'C'] })));
    await rig.kubelet.waitFor({ resource: red, devices: 3 });
    plugin.find({ red: ['d', 'a', 'b', 'C'] });
    await rig.kubelet.waitFor({ resource: red, devices: 4 });
    plugin.find({ red: ['a'] });
    await rig.kubelet.waitFor({ resource: red, devices: 1 });
    expect(lists(events, red)).toEqual([['C', 'a', 'b'], ['C', 'a', 'b', 'd'], ['a']]);
  });

  it('adds, changes and removes resources without disturbing the others', async () => {
    await using rig = await Rig.withKubelet();
    const events: KubeletEvent[] = [];
    rig.kubelet.subscribe((event) => events.push(event));
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a'] })));
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    plugin.find({ red: ['a'], blue: ['b'] });
    await rig.kubelet.waitFor({ resource: blue, devices: ['b'] });
    plugin.find({ red: ['a'], blue: ['b!'] });
    await rig.kubelet.waitFor({ resource: blue, devices: { b: 'Unhealthy' } });
    plugin.find({ red: ['a'] });
    await rig.kubelet.waitFor({ resource: blue, state: 'disconnected', devices: [], capacity: 0 });
    await expect.poll(() => rig.files()).toEqual([basename(rig.socketOf(red))]);
    expect(lists(events, red)).toEqual([['a']]);
    expect(lists(events, blue)).toEqual([['b'], ['b'], []]);
    expect(rig.kubelet.registrations(red)).toBe(1);
    expect(events.filter(({ type }) => type === 'streamEnded')).toHaveLength(1);
  });

  it('empties a resource that keeps its name, and fills it again', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    plugin.find({ red: [] });
    await rig.kubelet.waitFor({ resource: red, devices: [], state: 'connected' });
    plugin.find({ red: ['a'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected', registrations: 1 });
    expect(rig.kubelet.registrations(red)).toBe(1);
  });

  it.each(['1.26', '1.37'] as const)(
    'brings back a resource that was gone for a moment, with a kubelet of %s',
    async (profile) => {
      await using rig = await Rig.withKubelet({ profile });
      const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a'], blue: ['b'] })));
      await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected' });
      await rig.kubelet.waitFor({ resource: blue, devices: ['b'], state: 'connected' });
      for (let i = 1; i <= 5; i++) {
        plugin.find({ blue: ['b'] });
        plugin.find({ red: [`a${i}`], blue: ['b'] });
        await rig.kubelet.waitFor({ resource: red, devices: [`a${i}`], state: 'connected' });
      }
      await expect.poll(() => rig.files()).toHaveLength(2);
      await expect
        .poll(() => telemetry.resources.get(red))
        .toMatchObject({ devices: devices('a5'), registered: true, streamOpen: true });
      expect(rig.kubelet.registrations(blue)).toBe(1);
      expect(rig.kubelet.registrations(red)).toBe(6);
    },
  );

  it('leaves out a resource whose name no kubelet takes, says so once, and serves the others', async () => {
    await using rig = await Rig.withKubelet();
    const { plugin } = rig.run(new TreePlugin(treeOf({ 'not valid': ['x'], red: ['a'] })));
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    plugin.find({ 'not valid': ['x'], red: ['a', 'b'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['a', 'b'] });
    expect(rig.log.with('the resource is left out')).toEqual([
      expect.stringContaining('resource="color.example.com/not valid"'),
    ]);
    expect(rig.kubelet.calls.some((call) => call.resource.includes('not valid'))).toBe(false);
    plugin.find({ red: ['a'] });
    await expect.poll(() => telemetry.resources.has(`${namespace}/not valid`)).toBe(false);
  });

  it('leaves out a list that is too large until it is not', async () => {
    await using rig = await Rig.withKubelet();
    const tooLarge = Array.from({ length: 60_000 }, (_, i) => String(i).padStart(63, 'x'));
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: tooLarge, blue: ['b'] })));
    await rig.kubelet.waitFor({ resource: blue, devices: ['b'] });
    expect(telemetry.resources.get(red)?.problem).toContain('the list of 60000 devices');
    plugin.find({ red: ['a'], blue: ['b'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['a'] });
    expect(telemetry.resources.get(red)?.problem).toBeUndefined();
    plugin.find({ red: tooLarge, blue: ['b'] });
    await expect.poll(() => telemetry.resources.get(red)?.problem).toContain('the last list stays');
    plugin.find({ red: ['b'], blue: ['b'] });
    await rig.kubelet.waitFor({ resource: red, devices: ['b'], registrations: 1 });
    expect(rig.kubelet.registrations(red)).toBe(1);
  });

  it('serves a resource once that is found under two names', async () => {
    await using rig = await Rig.withKubelet();
    const running = rig.run(new TreePlugin(treeOf({ red: ['a'], [red]: ['b'] })));
    await rig.kubelet.waitFor({ resource: red, devices: ['a'], state: 'connected' });
    expect(rig.files()).toHaveLength(1);
    expect(rig.log.with('the resource is left out')).toHaveLength(1);
    await running.stop();
    expect(rig.files()).toEqual([]);
  });

  it('throws at the plugin for a device id that kubelets do not take', () => {
    expect(() => new DeviceTree().addDevice('red', 'x'.repeat(64), device('x'))).toThrow(
      expect.objectContaining({ code: 'DEVICE_ID_INVALID' }),
    );
  });

  it('counts devices that come and go after the first scan', async () => {
    await using rig = await Rig.withKubelet();
    const count = (action: string): number => {
      const samples = telemetry.hotplugEvents
        .samples()
        .filter(({ labels }) => labels['resource'] === red && labels['action'] === action);
      return samples[0]?.value ?? 0;
    };
    const [added, removed] = [count('add'), count('remove')];
    const { plugin } = rig.run(new TreePlugin(treeOf({ red: ['a'] })));
    expect([count('add') - added, count('remove') - removed]).toEqual([0, 0]);
    plugin.find({ red: ['b', 'c'] });
    expect([count('add') - added, count('remove') - removed]).toEqual([2, 1]);
    plugin.find({});
    expect([count('add') - added, count('remove') - removed]).toEqual([2, 3]);
    plugin.find({ red: ['a'] });
    expect([count('add') - added, count('remove') - removed]).toEqual([3, 3]);
  });

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
      expect([lists(events, red), lists(events, blue)]).toEqual([[['a']], [['b']]]);
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
    await expect.poll(() => rig.files()).toHaveLength(1);
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

describe('socket names', () => {
  it('let an old and a new pod overlap: the resource is never gone', async () => {
    await using rig = await Rig.withKubelet();
    const allocatable: (number | undefined)[] = [];
    const old = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    rig.kubelet.subscribe(() => allocatable.push(rig.kubelet.resources().get(red)?.allocatable));
    rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, registrations: 2, state: 'connected' });
    await expect.poll(() => rig.kubelet.calls.filter(({ method }) => method === 'ListAndWatch')).toHaveLength(2);
    await old.stop();
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected', allocatable: 2 });
    expect(new Set(allocatable)).toEqual(new Set([2]));
    expect(rig.files()).toHaveLength(1);
  });

  it('come back when the end of the old pod disconnects the new one, as kubelets up to 1.36 do', async () => {
    await using rig = await Rig.withKubelet({ profile: '1.26' });
    const old = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, registrations: 2, state: 'connected' });
    await expect.poll(() => rig.kubelet.calls.filter(({ method }) => method === 'ListAndWatch')).toHaveLength(2);
    await old.stop();
    await rig.kubelet.waitFor({ resource: red, registrations: 3, state: 'connected', allocatable: 2 });
  });

  it('of the classic style are never taken from a live process', async () => {
    await using rig = await Rig.withKubelet();
    const first = rig.run(new TreePlugin(), { socketNameStyle: 'classic' });
    await rig.kubelet.waitFor({ resource: red, devices: 2 });
    expect(rig.files()).toEqual(['color.example.com-red.sock']);
    const second = rig.run(new TreePlugin(treeOf({ red: ['c'] })), { socketNameStyle: 'classic' });
    await expect.poll(() => rig.log.with('cannot serve the resource')).toHaveLength(1);
    expect(rig.log.with('cannot serve the resource')[0]).toContain('another process serves');
    expect(rig.kubelet.registrations(red)).toBe(1);
    await first.stop();
    await rig.kubelet.waitFor({ resource: red, devices: ['c'], state: 'connected' });
    await second.stop();
    expect(rig.files()).toEqual([]);
  });

  it('of the classic style are taken over from a dead one', async () => {
    await using rig = await Rig.withKubelet();
    await staleSocket(`${rig.dir}/color.example.com-red.sock`);
    rig.run(new TreePlugin(), { socketNameStyle: 'classic' });
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    await expect(isServed(`${rig.dir}/color.example.com-red.sock`)).resolves.toBe(true);
  });

  it('never take the place of a file that is no socket', async () => {
    await using rig = await Rig.withKubelet();
    writeFileSync(`${rig.dir}/color.example.com-red.sock`, 'precious');
    const running = rig.run(new TreePlugin(treeOf({ red: ['a'], blue: ['b'] })), { socketNameStyle: 'classic' });
    await rig.kubelet.waitFor({ resource: blue, devices: 1 });
    await expect.poll(() => rig.log.with('is not a socket')).toHaveLength(1);
    await running.stop();
    expect(rig.files()).toEqual(['color.example.com-red.sock']);
  });
});
