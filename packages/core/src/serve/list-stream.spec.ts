// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { device, devices } from '../../test/devices.ts';
import { type ListReader, PluginClient, StalledReader } from '../../test/plugin-client.ts';
import { TempDir } from '../../test/temp-dir.ts';
import type { Devices } from '../device-tree.ts';
import { DeviceList } from './device-list.ts';
import { createGrpcServer } from './grpc-server.ts';
import { KubeletLink } from './kubelet-link.ts';
import { type ListCall, streamList } from './list-stream.ts';
import { ListeningSocket } from './listening-socket.ts';
import { OpenStreams } from './open-streams.ts';
import { devicePluginService } from './service.ts';

/** A list that counts who listens to it. */
class CountingList extends DeviceList {
  subscribers = 0;

  override subscribe(onChange: () => void): () => void {
    const leave = super.subscribe(onChange);
    this.subscribers += 1;
    return () => {
      this.subscribers -= 1;
      leave();
    };
  }
}

/** A server whose only call is ListAndWatch. */
class Rig implements AsyncDisposable {
  readonly list = new CountingList('example.com/card', devices('a'));
  readonly sent: boolean[] = [];
  open = 0;
  readonly streams = new OpenStreams(new KubeletLink());
  readonly #server = createGrpcServer(devicePluginService, {
    listAndWatch: (call: ListCall) => {
      this.open += 1;
      this.streams.serve(call, (signal) =>
        streamList(call, this.list, signal, (isChange) => this.sent.push(isChange)).then(() => void (this.open -= 1)),
      );
    },
  });
  #dir: TempDir | undefined;
  #socket: ListeningSocket | undefined;

  static async create(): Promise<Rig> {
    const rig = new Rig();
    rig.#dir = await TempDir.create();
    rig.#socket = await ListeningSocket.open(rig.#dir.join('a.sock'), (connection) => {
      rig.#server.accept(connection);
    });
    return rig;
  }

  get path(): string {
    return this.#socket?.path ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.streams.end();
    this.#socket?.close();
    await this.#server.close(0);
    await this.#dir?.[Symbol.asyncDispose]();
  }
}

/** So long that a reader which does not read is stopped by flow control. */
function manyDevices(last: string): Devices {
  return new Map(Array.from({ length: 3_000 }, (_, i) => [`${i}-${last}`.padEnd(63, 'x'), device('x')]));
}

const lastIds = (reader: ListReader): string[] | undefined => reader.ids.at(-1);

describe('streamList()', () => {
  it('sends the current list at once, and the next one after each change', async () => {
    await using rig = await Rig.create();
    using client = new PluginClient(rig.path);
    const reader = client.listAndWatch();
    await expect.poll(() => reader.ids).toEqual([['a']]);
    rig.list.replace(devices('a', 'b'));
    await expect.poll(() => reader.ids).toEqual([['a'], ['a', 'b']]);
    rig.list.replace(devices());
    await expect.poll(() => reader.ids).toEqual([['a'], ['a', 'b'], []]);
    expect(rig.sent).toEqual([false, true, true]);
  });

  it('sends nothing when nothing changes', async () => {
    await using rig = await Rig.create();
    using client = new PluginClient(rig.path);
    const reader = client.listAndWatch();
    await expect.poll(() => reader.lists.length).toBe(1);
    rig.list.replace(devices('a'));
    rig.list.replace(devices('b'));
    await expect.poll(() => reader.ids).toEqual([['a'], ['b']]);
  });

  it('skips what a slow reader had no time for: it gets the newest list, and nobody else waits', async () => {
    await using rig = await Rig.create();
    rig.list.replace(manyDevices('first'));
    using slow = new StalledReader(rig.path);
    await expect.poll(() => rig.open).toBe(1);
    using client = new PluginClient(rig.path);
    const reader = client.listAndWatch();
    for (let i = 0; i < 100; i++) {
      rig.list.replace(manyDevices(String(i)));
      if (i % 50 === 0) await expect.poll(() => lastIds(reader)?.[0]).toContain(`-${i}x`);
    }
    const { length } = rig.list.encoded;
    rig.list.replace(devices('last'));
    await expect.poll(() => lastIds(reader)).toEqual(['last']);
    void rig.streams.end();
    const sizes = await slow.readToEnd();
    expect(sizes.length).toBeLessThanOrEqual(3);
    expect(sizes[0]).toBeGreaterThanOrEqual(length - 10_000);
    expect(sizes.at(-1)).toBe(rig.list.encoded.length);
  });

  it('sends nothing to a reader that has seen what a device that flapped came back to', async () => {
    await using rig = await Rig.create();
    using client = new PluginClient(rig.path);
    const early = client.listAndWatch();
    await expect.poll(() => early.ids).toEqual([['a']]);
    for (const id of ['b', 'a', 'b', 'a', 'b']) rig.list.replace(devices(id));
    // Opened before the last change is published, and told of it by its first message.
    const late = client.listAndWatch();
    await expect.poll(() => late.ids).toEqual([['b']]);
    rig.list.replace(devices('a'));
    const { version } = rig.list;
    await expect.poll(() => rig.list.version).toBe(version + 1);
    await expect.poll(() => late.ids).toEqual([['b'], ['a']]);
    expect(lastIds(early)).toEqual(['a']);
    expect(early.lists.length).toBeLessThanOrEqual(3);
  });

  it('serves 50 streams, each of which ends up with the last list', async () => {
    await using rig = await Rig.create();
    using client = new PluginClient(rig.path);
    using other = new PluginClient(rig.path);
    const readers = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? client : other).listAndWatch());
    await expect.poll(() => readers.every(({ lists }) => lists.length === 1)).toBe(true);
    for (let i = 0; i < 20; i++) rig.list.replace(devices(String(i)));
    await expect.poll(() => readers.map(lastIds)).toEqual(readers.map(() => ['19']));
    void rig.streams.end();
    await expect.poll(() => readers.map(({ end }) => end)).toEqual(readers.map(() => 'ok'));
    expect(rig.list.subscribers).toBe(0);
  });

  it('ends in good order when the signal aborts', async () => {
    await using rig = await Rig.create();
    using client = new PluginClient(rig.path);
    const reader = client.listAndWatch();
    await expect.poll(() => reader.lists.length).toBe(1);
    void rig.streams.end();
    await expect.poll(() => reader.end).toBe('ok');
    expect([rig.open, rig.list.subscribers, reader.ids]).toEqual([0, 0, [['a']]]);
  });

  it('sends a last change that comes together with the end', async () => {
    await using rig = await Rig.create();
    using client = new PluginClient(rig.path);
    const reader = client.listAndWatch();
    await expect.poll(() => reader.lists.length).toBe(1);
    rig.list.replace(devices());
    void rig.streams.end();
    await expect.poll(() => reader.end).toBe('ok');
    expect(reader.ids).toEqual([['a'], []]);
  });

  it('ends at once when the signal has aborted before', async () => {
    await using rig = await Rig.create();
    await rig.streams.close();
    using client = new PluginClient(rig.path);
    const reader = client.listAndWatch();
    await expect.poll(() => reader.end).toBe('ok');
  });

  it('leaves nothing subscribed when clients leave, a thousand times', async () => {
    await using rig = await Rig.create();
    using client = new PluginClient(rig.path);
    for (let round = 0; round < 20; round++) {
      const readers = Array.from({ length: 50 }, () => client.listAndWatch());
      await expect.poll(() => readers.every(({ lists }) => lists.length === 1)).toBe(true);
      for (const reader of readers) reader.cancel();
      await expect.poll(() => [rig.open, rig.list.subscribers]).toEqual([0, 0]);
    }
    rig.list.replace(devices('b'));
    expect(rig.sent).toHaveLength(1_000);
  });

  it('ends when a client goes away that does not read', async () => {
    await using rig = await Rig.create();
    rig.list.replace(manyDevices('first'));
    {
      using slow = new StalledReader(rig.path);
      await expect.poll(() => rig.open).toBe(1);
      rig.list.replace(manyDevices('second'));
      expect(slow).toBeDefined();
    }
    await expect.poll(() => [rig.open, rig.list.subscribers]).toEqual([0, 0]);
  });
});
