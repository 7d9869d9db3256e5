// SPDX-License-Identifier: Apache-2.0
import { FakeKubelet } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { TempDir } from '../../test/temp-dir.ts';
import type { Devices } from '../device-tree.ts';
import type { DeviceUsers } from '../rpc/device-users.ts';
import { type Resources, UnpluggedDevices, withoutFree, withUnplugged } from './unplugged-devices.ts';

const healthy = { health: 'Healthy', nodes: [] } as const;
const pod = { namespace: 'default', pod: 'user', container: 'app' };

function devices(...ids: string[]): Devices {
  return new Map(ids.map((id) => [id, healthy]));
}

function having(resource: string, ...ids: string[]): DeviceUsers {
  return new Map([[resource, new Map(ids.map((id) => [id, [pod]]))]]);
}

/** `red: a b! c`, where `!` is unhealthy. */
function text(resources: Resources | undefined): string {
  const words = (byId: Devices): string[] =>
    [...byId].map(([id, { health }]) => (health === 'Healthy' ? id : `${id}!`)).sort();
  return [...(resources ?? [])].map(([resource, byId]) => [`${resource}:`, ...words(byId)].join(' ')).join(', ');
}

describe('UnpluggedDevices', () => {
  let temp: TempDir;
  let log: CapturedLog;
  let stop: AbortController;
  let told: Resources[];
  let answers: (() => Promise<DeviceUsers>)[];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    temp = await TempDir.create();
    log = new CapturedLog();
    stop = new AbortController();
    told = [];
    answers = [];
  });

  afterEach(async () => {
    stop.abort();
    vi.useRealTimers();
    log[Symbol.dispose]();
    await temp[Symbol.asyncDispose]();
  });

  function make({ socketPath = temp.path } = {}): UnpluggedDevices {
    const onResources = (resources: Resources): void => void told.push(resources);
    const readUsers = (): Promise<DeviceUsers> => answers.shift()?.() ?? Promise.reject(new Error('not asked for'));
    return new UnpluggedDevices({ socketPath, onResources, readUsers }, stop.signal);
  }

  /** Lets a question be asked, and its answer come. */
  async function answered(passMs = 0): Promise<void> {
    await vi.advanceTimersByTimeAsync(passMs);
  }

  it('lets what is gone go at once where there is no socket to ask at', async () => {
    const unplugged = make({ socketPath: temp.join('nothing') });
    unplugged.update(new Map([['red', devices('a', 'b')]]));
    unplugged.update(new Map([['red', devices('a')]]));
    await answered(60_000);
    expect(told.map(text)).toEqual(['red: a b', 'red: a']);
  });

  it('keeps what is gone as unhealthy while a pod has it', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a', 'b')]]));
    answers = [
      () => Promise.resolve(having('red', 'b')),
      () => Promise.resolve(having('red', 'b')),
      () => Promise.resolve(new Map()),
    ];
    unplugged.update(new Map([['red', devices('a')]]));
    await answered();
    expect(text(told.at(-1))).toBe('red: a b!');
    expect(told.at(-1)?.get('red')?.get('b')?.healthReason).toMatch(/^it is no longer there/);
    await answered(5_000);
    expect(text(told.at(-1))).toBe('red: a b!');
    await answered(5_000);
    expect(text(told.at(-1))).toBe('red: a');
    expect(answers).toEqual([]);
  });

  it('lets what is gone go as soon as the kubelet says that nobody has it', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a')]]));
    answers = [() => Promise.resolve(having('blue', 'a'))];
    unplugged.update(new Map());
    await answered();
    expect(told.map(text)).toEqual(['red: a', 'red: a!', '']);
  });

  it('asks nothing while nothing is gone', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a')]]));
    unplugged.update(new Map([['red', devices('a', 'b')]]));
    await answered(60_000);
    expect(log.lines).toEqual([]);
  });

  it('asks every 5 s, however often the plugin scans', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a')]]));
    const answer = vi.fn(() => Promise.resolve(having('red', 'a')));
    answers = Array.from({ length: 100 }, () => answer);
    for (let scan = 0; scan < 20; scan++) {
      unplugged.update(new Map());
      await answered(500);
    }
    expect(answer).toHaveBeenCalledTimes(3);
  });

  it('takes a device that comes back for the device that it was', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a')]]));
    answers = [() => Promise.resolve(having('red', 'a'))];
    unplugged.update(new Map([['red', devices()]]));
    await answered();
    unplugged.update(new Map([['red', devices('a')]]));
    await answered(60_000);
    expect(told.map(text)).toEqual(['red: a', 'red: a!', 'red: a!', 'red: a']);
  });

  it('asks once more about a device that went after the question', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a', 'b')]]));
    const answer = Promise.withResolvers<DeviceUsers>();
    answers = [() => answer.promise, () => Promise.resolve(having('red', 'b'))];
    unplugged.update(new Map([['red', devices('b')]]));
    await answered();
    unplugged.update(new Map([['red', devices()]]));
    answer.resolve(new Map());
    await answered();
    expect(told.map(text)).not.toContain('red:');
    expect(text(told.at(-1))).toBe('red: b!');
  });

  it('keeps it while the kubelet does not answer, and says so once', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a')]]));
    const refuse = (): Promise<DeviceUsers> => Promise.reject(new Error('connect ECONNREFUSED'));
    answers = [refuse, refuse, () => Promise.resolve(new Map())];
    unplugged.update(new Map([['red', devices()]]));
    await answered(5_000);
    expect(text(told.at(-1))).toBe('red: a!');
    await answered(5_000);
    expect(text(told.at(-1))).toBe('red:');
    expect(log.with('the kubelet does not say who has devices that are gone')).toHaveLength(1);
  });

  it('tells nothing any more once it is to end', async () => {
    const unplugged = make();
    unplugged.update(new Map([['red', devices('a')]]));
    const answer = Promise.withResolvers<DeviceUsers>();
    answers = [() => answer.promise];
    unplugged.update(new Map([['red', devices()]]));
    await answered();
    stop.abort();
    answer.resolve(new Map());
    await answered(60_000);
    expect(told.map(text)).toEqual(['red: a', 'red: a!']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a kubelet', () => {
  it('is asked at its own socket', async () => {
    await using temp = await TempDir.create();
    await using kubelet = new FakeKubelet({ dir: temp.join('dp'), podResourcesDir: temp.join('pods') });
    await kubelet.start();
    const stop = new AbortController();
    const told: string[] = [];
    const onResources = (resources: Resources): void => void told.push(text(resources));
    const unplugged = new UnpluggedDevices({ socketPath: temp.join('pods/kubelet.sock'), onResources }, stop.signal);
    unplugged.update(new Map([['red', devices('a')]]));
    unplugged.update(new Map([['red', devices()]]));
    await expect.poll(() => told).toEqual(['red: a', 'red: a!', 'red:']);
    stop.abort();
  });
});

describe('withUnplugged() and withoutFree()', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const resources = fc
    .dictionary(fc.constantFrom('red', 'blue'), fc.uniqueArray(id))
    .map((ids) => new Map(Object.entries(ids).map(([resource, of]) => [resource, devices(...of)])));

  function each(of: Resources): [string, string][] {
    return [...of].flatMap(([resource, byId]) => [...byId.keys()].map((one): [string, string] => [resource, one]));
  }

  it('hold what is there as it is, and else exactly what somebody has', () => {
    fc.assert(
      fc.property(resources, resources, resources, (before, found, used) => {
        const { all: told, isMore } = withUnplugged(before, found);
        expect(isMore).toBe(each(told).length > each(found).length);
        const users = new Map(
          [...used].map(([resource, byId]) => [resource, new Map([...byId.keys()].map((one) => [one, [pod]]))]),
        );
        const left = withoutFree(told, { found, asked: told, users });
        for (const [resource, one] of each(found)) {
          expect(told.get(resource)?.get(one)).toEqual(healthy);
          expect(left.get(resource)?.get(one)).toEqual(healthy);
        }
        for (const [resource, one] of each(before)) expect(told.get(resource)?.has(one)).toBe(true);
        for (const [resource, one] of each(told)) {
          if (found.get(resource)?.has(one) === true) continue;
          expect(told.get(resource)?.get(one)?.health).toBe('Unhealthy');
          expect(left.get(resource)?.has(one) === true).toBe(used.get(resource)?.has(one) === true);
        }
      }),
    );
  });

  it('are what was found when nothing is gone', () => {
    fc.assert(
      fc.property(resources, (found) => {
        expect(withUnplugged(found, found).all).toBe(found);
        expect(withUnplugged(new Map(), found).all).toBe(found);
        expect(withoutFree(found, { found, asked: found, users: new Map() })).toBe(found);
      }),
    );
  });
});
