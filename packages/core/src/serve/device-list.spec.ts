// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { device, devices } from '../../test/devices.ts';
import type { Devices } from '../device-tree.ts';
import { topologyOf } from '../device-tree.ts';
import { ListAndWatchResponse } from '../kubelet-api/deviceplugin.ts';
import { DeviceList } from './device-list.ts';

const resource = 'example.com/card';

describe('DeviceList', () => {
  it('encodes id, health and topology, sorted by id', () => {
    const topology = topologyOf([1, 0]);
    const list = new DeviceList(
      resource,
      new Map([...devices('b!', 'a'), ['A', { ...device('A'), ...(topology && { topology }) }]]),
    );
    expect(ListAndWatchResponse.decode(list.encoded).devices).toEqual([
      { ID: 'A', health: 'Healthy', topology: { nodes: [{ ID: 0 }, { ID: 1 }] } },
      { ID: 'a', health: 'Healthy', topology: undefined },
      { ID: 'b', health: 'Unhealthy', topology: undefined },
    ]);
  });

  it('gives equal inventories equal messages, whatever their order', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[!-~]{1,63}$/), { maxLength: 50 });
    const shuffled = ids.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([some, same]) => {
        const encoded = (list: readonly string[]): Buffer =>
          new DeviceList(resource, new Map(list.map((id) => [id, device('x')]))).encoded;
        expect(encoded(same).equals(encoded(some))).toBe(true);
      }),
    );
  });

  it('encodes once for all who ask', () => {
    const list = new DeviceList(resource, devices('a'));
    expect(list.encoded).toBe(list.encoded);
  });

  it('replaces the devices and tells everybody who has not left', () => {
    const list = new DeviceList(resource, devices('a'));
    const heard: string[] = [];
    const leave = list.subscribe(() => heard.push('first'));
    list.subscribe(() => heard.push('second'));
    const next = devices('a', 'b');
    list.replace(next);
    expect(list.devices).toBe(next);
    expect(ListAndWatchResponse.decode(list.encoded).devices).toHaveLength(2);
    leave();
    list.replace(devices());
    expect(heard).toEqual(['first', 'second', 'second']);
  });

  it('lets a subscriber leave while it is told', () => {
    const list = new DeviceList(resource, devices());
    const heard: string[] = [];
    const leave = list.subscribe(() => {
      heard.push('first');
      leave();
    });
    list.subscribe(() => heard.push('second'));
    list.replace(devices('a'));
    list.replace(devices('b'));
    expect(heard).toEqual(['first', 'second', 'second']);
  });

  it('has a new version when the message is another, and not when only what a container gets is', () => {
    const list = new DeviceList(resource, devices('a'));
    const { version } = list;
    const withEnvs: Devices = new Map([['a', { ...device('a'), envs: { A: '1' } }]]);
    let heard = 0;
    list.subscribe(() => heard++);
    list.replace(withEnvs);
    expect(list.devices).toBe(withEnvs);
    expect([list.version, heard]).toEqual([version, 0]);
    list.replace(devices('a!'));
    expect([list.version, heard]).toEqual([version + 1, 1]);
  });

  it('refuses a list of more than the 4 MiB that kubelets receive, and keeps the last one', () => {
    const list = new DeviceList(resource, devices('a'));
    const { devices: before, version, encoded } = list;
    const tooMany: Devices = new Map(
      Array.from({ length: 60_000 }, (_, i) => [String(i).padStart(63, 'x'), device('x')]),
    );
    expect(() => new DeviceList(resource, tooMany)).toThrow(expect.objectContaining({ code: 'LIST_TOO_LARGE' }));
    expect(() => {
      list.replace(tooMany);
    }).toThrow(/60000 devices of example\.com\/card takes \d+ bytes.*at most 4194304.*shorter ids/);
    expect([list.devices, list.version, list.encoded]).toEqual([before, version, encoded]);
    const many: Devices = new Map([...tooMany].slice(0, 50_000));
    list.replace(many);
    expect(list.devices.size).toBe(50_000);
  });
});

describe('DeviceList with a device that flaps', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Counts publications, and remembers what was published last. */
  function watched(): { readonly list: DeviceList; readonly published: string[] } {
    const list = new DeviceList(resource, devices('a'));
    const published: string[] = [];
    list.subscribe(() => published.push(healthOf(list)));
    return { list, published };
  }

  const healthOf = (list: DeviceList): string =>
    ListAndWatchResponse.decode(list.encoded)
      .devices.map(({ health }) => health)
      .join();

  it('publishes four changes at once', () => {
    const { list, published } = watched();
    for (const id of ['a!', 'a', 'a!', 'a', 'a!', 'a']) list.replace(devices(id));
    expect(published).toEqual(['Unhealthy', 'Healthy', 'Unhealthy', 'Healthy']);
  });

  it('publishes once a second at ten changes a second, and the right state in the end', () => {
    const { list, published } = watched();
    for (let i = 0; i < 599; i++) {
      list.replace(devices(i % 2 === 0 ? 'a!' : 'a'));
      vi.advanceTimersByTime(100);
    }
    expect(published.length).toBeLessThanOrEqual(64);
    expect(published.length).toBeGreaterThanOrEqual(60);
    vi.advanceTimersByTime(1_000);
    expect(published.at(-1)).toBe('Unhealthy');
    const { length } = published;
    vi.advanceTimersByTime(60_000);
    expect(published).toHaveLength(length);
  });

  it('shows allocations, and streams that open meanwhile, the newest state at once', () => {
    const { list, published } = watched();
    for (let i = 0; i < 20; i++) {
      const next = devices(i % 2 === 0 ? 'a!' : 'a');
      list.replace(next);
      expect(list.devices).toBe(next);
      expect(healthOf(list)).toBe(i % 2 === 0 ? 'Unhealthy' : 'Healthy');
    }
    expect(published).toHaveLength(4);
  });
});
