// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build } from '../src/index.ts';
import { hangUp, listed, RecordingImpl, socketName, startFrame } from './frame-rig.ts';
import { handles, red, Rig } from './rig.ts';

describe('build()', () => {
  it.each([
    ['red', 'x.sock', '/tmp', 'RESOURCE_NAME_INVALID'],
    ['kubernetes.io/red', 'x.sock', '/tmp', 'RESOURCE_NAME_INVALID'],
    [red, 'x'.repeat(110), '/tmp', 'SOCKET_PATH_TOO_LONG'],
    [red, 'x.sock', `/${'d'.repeat(105)}`, 'SOCKET_PATH_TOO_LONG'],
  ])('refuses %s at %s in %s', (resource, socket, devicePluginPath, code) => {
    expect(() => build(resource, socket, new RecordingImpl(), { devicePluginPath })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('has the plugin directory of a stock node', () => {
    expect(() => build(red, 'x'.repeat(77), new RecordingImpl())).toThrow('/var/lib/kubelet/device-plugins/');
  });

  it.each(['', '.', '..', '../x.sock', '/tmp/x.sock', 'a/b', 'x\0', 'kubelet.sock', 'kubelet_internal_checkpoint'])(
    'refuses the socket name %j',
    (name) => {
      expect(() => build(red, name, new RecordingImpl())).toThrow(
        expect.objectContaining({
          code: 'SOCKET_NAME_INVALID',
          message: expect.stringContaining(`socket name ${JSON.stringify(name)} is`) as string,
        }),
      );
    },
  );

  it('refreshes, serves, registers, and destroys at the end', async () => {
    const before = handles();
    {
      await using rig = await Rig.withKubelet();
      const impl = new RecordingImpl();
      const running = startFrame(rig, impl);
      await listed(rig, ['a'], 1);
      expect(impl.calls).toEqual(['refresh']);
      const client = rig.client(join(rig.dir, socketName));
      await expect(client.options()).resolves.toEqual({
        preStartRequired: false,
        getPreferredAllocationAvailable: false,
      });
      await expect(client.allocate(['a'], ['b'])).resolves.toMatchObject({
        containerResponses: [{ envs: { IDS: 'a' } }, { envs: { IDS: 'b' } }],
      });
      await expect(client.prefer(['a'], 1)).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
      await running.stop();
      expect([impl.calls, rig.files(), impl.streams.every(({ signal }) => signal.aborted)]).toEqual([
        ['refresh', 'destroy'],
        [],
        true,
      ]);
      await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    }
    await expect.poll(handles).toEqual(before);
  });

  it('stops and starts on SIGHUP, a restart of the kubelet, the loss of its socket, and SIGHUP again', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    const running = startFrame(rig, impl);
    await listed(rig, ['a'], 1);
    hangUp();
    await expect.poll(() => impl.calls).toEqual(['refresh', 'destroy', 'refresh']);
    await listed(rig, ['a'], 2);
    await rig.kubelet.restart('graceful');
    await listed(rig, ['a'], 3);
    expect(impl.calls.slice(3, 5)).toEqual(['destroy', 'refresh']);
    await rig.kubelet.restart('crash');
    await listed(rig, ['a'], 4);
    const registrations = rig.kubelet.registrations(red);
    await rm(join(rig.dir, socketName));
    await listed(rig, ['a'], registrations + 1);
    hangUp();
    await listed(rig, ['a'], registrations + 2);
    await running.stop();
    // Always in pairs, however many there were.
    expect(impl.calls.join(' ')).toMatch(/^(refresh destroy ?){6,}$/);
    expect([rig.files(), process.listenerCount('SIGHUP')]).toEqual([[], 0]);
  });

  it('sends each list that the implementation sends, sorted', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    startFrame(rig, impl);
    await listed(rig, ['a'], 1);
    for (const ids of [['c', 'b'], [], ['d']]) {
      await impl.streams[0]?.send(ids.map((ID) => ({ ID, health: 'Healthy' })));
      await listed(rig, ids, 1);
    }
    await impl.streams[0]?.send([{ ID: 'd', health: 'Unhealthy', topology: { nodes: [{ ID: 1 }] } }]);
    const { devices } = await rig.kubelet.waitFor({ resource: red, devices: { d: 'Unhealthy' } });
    expect(devices[0]?.numaNodes).toEqual([1]);
  });

  it('stops and starts for another kubelet that leaves its socket alone', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    startFrame(rig, impl);
    await listed(rig, ['a'], 1);
    await using other = new FakeKubelet({ dir: rig.temp.join('other') });
    await other.start();
    await rename(other.socketPath, rig.kubelet.socketPath);
    await expect.poll(() => other.registrations(red)).toBe(1);
    expect(impl.calls).toEqual(['refresh', 'destroy', 'refresh']);
  });

  it('waits for a kubelet and a directory that are late', async () => {
    await using rig = await Rig.create();
    await rm(rig.dir, { recursive: true });
    const impl = new RecordingImpl();
    startFrame(rig, impl);
    await expect.poll(() => rig.log.with('cannot serve the resource')).toHaveLength(1);
    await rig.kubelet.start();
    await listed(rig, ['a'], 1);
  });
});
