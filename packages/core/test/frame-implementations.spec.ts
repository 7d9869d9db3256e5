// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AllocateResponse } from '../src/kubelet-api/deviceplugin.ts';
import { listed, RecordingImpl, socketName, startFrame } from './frame-rig.ts';
import { red, Rig } from './rig.ts';

describe('build() with an implementation', () => {
  it('registers again when the implementation ends the stream, and says so when it throws', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    const { onListAndWatch } = impl;
    let failures = 0;
    impl.onListAndWatch = async (stream) => {
      if (failures++ === 0) throw new Error('no list today');
      await onListAndWatch(stream);
    };
    startFrame(rig, impl);
    await listed(rig, ['a'], 2);
    expect(rig.log.with('no list today')).toHaveLength(1);
  });

  it('survives an implementation that throws where it should reject', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    const good = impl.listAndWatch.bind(impl);
    let failures = 0;
    impl.listAndWatch = (stream) => {
      if (failures++ === 0) throw new Error('no list today');
      return good(stream);
    };
    impl.allocate = () => {
      throw new Error('no device today');
    };
    startFrame(rig, impl);
    await listed(rig, ['a'], 2);
    const allocated = rig.client(join(rig.dir, socketName)).allocate(['a']);
    await expect(allocated).rejects.toMatchObject({ code: status.UNKNOWN, details: 'no device today' });
  });

  it('refuses an allocation whose answer cannot be sent', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    impl.allocate = () => ({}) as AllocateResponse;
    startFrame(rig, impl);
    await listed(rig, ['a'], 1);
    await expect(rig.client(join(rig.dir, socketName)).allocate(['a'])).rejects.toMatchObject({
      code: status.INTERNAL,
      details: expect.stringContaining('cannot be sent') as string,
    });
  });

  it('refuses lists that no kubelet takes, before they are sent', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    startFrame(rig, impl);
    await listed(rig, ['a'], 1);
    const [stream] = impl.streams;
    await expect(stream?.send([{ ID: 'x'.repeat(64), health: 'Healthy' }])).rejects.toMatchObject({
      code: 'DEVICE_ID_INVALID',
    });
    const tooMany = Array.from({ length: 60_000 }, (_, i) => ({ ID: String(i).padStart(63, 'x'), health: 'Healthy' }));
    await expect(stream?.send(tooMany)).rejects.toMatchObject({ code: 'LIST_TOO_LARGE' });
    await stream?.send([{ ID: 'b', health: 'Healthy' }]);
    await listed(rig, ['b'], 1);
  });

  it('ends the stream of an implementation that does not', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    const goOn = Promise.withResolvers<undefined>();
    impl.onListAndWatch = async (stream) => {
      await stream.send(impl.devices);
      await goOn.promise;
    };
    const running = startFrame(rig, impl);
    await listed(rig, ['a'], 1);
    const stopped = running.stop();
    await rig.kubelet.waitFor({ resource: red, state: 'disconnected' });
    expect(impl.calls).toEqual(['refresh']);
    goOn.resolve(undefined);
    await stopped;
    expect(impl.calls).toEqual(['refresh', 'destroy']);
  });

  it('lets an allocation finish that is under way', async () => {
    await using rig = await Rig.withKubelet();
    const impl = new RecordingImpl();
    const [began, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const { allocate } = impl;
    impl.allocate = async (request) => {
      began.resolve(undefined);
      await goOn.promise;
      return await allocate(request);
    };
    const running = startFrame(rig, impl);
    await listed(rig, ['a'], 1);
    const answer = rig.client(join(rig.dir, socketName)).allocate(['a']);
    await began.promise;
    const stopped = running.stop();
    await expect.poll(() => rig.files()).toEqual([]);
    goOn.resolve(undefined);
    await expect(answer).resolves.toMatchObject({ containerResponses: [{ envs: { IDS: 'a' } }] });
    await stopped;
  });
});
