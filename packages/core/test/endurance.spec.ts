// SPDX-License-Identifier: Apache-2.0
import type { FakeKubelet } from '@kube-device-plugins/testkit';
import { getEventListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notifier } from '../src/device-plugin.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import { slope, usedHeap } from './heap.ts';
import { handles, red, Rig, TreePlugin } from './rig.ts';

type RestartKind = Parameters<FakeKubelet['restart']>[0];

/** Every kind of restart that there is: the compiler misses those that are not here. */
const options: Record<RestartKind, Parameters<FakeKubelet['restart']>[1]> = {
  graceful: {},
  crash: {},
  'wipe-dir': {},
  'same-inode': {},
  fast: {},
  'kubelet-sock-first': {},
  'twice-in-a-row': {},
};

const kinds = Object.keys(options) as RestartKind[];

/** Tells how many wait for the end of the plugin. */
class WatchfulPlugin extends TreePlugin {
  #signal: AbortSignal | undefined;

  override async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await super.scan(notifier, signal);
  }

  get listeners(): number {
    return this.#signal === undefined ? 0 : getEventListeners(this.#signal, 'abort').length;
  }
}

/** How many there are of what must not grow with the restarts. */
function held(rig: Rig, plugin: WatchfulPlugin): number[] {
  return [handles().length, readdirSync('/proc/self/fd').length, rig.files().length, plugin.listeners];
}

describe('200 restarts of the kubelet in a row', () => {
  it(`are all followed without a pause, and leave nothing behind: ${kinds.join(', ')}`, async () => {
    const before = handles();
    {
      await using rig = await Rig.withKubelet();
      const running = rig.run(new WatchfulPlugin());
      const { plugin } = running;
      await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
      const restart = async (kind: RestartKind): Promise<number> => {
        await rig.kubelet.restart(kind, options[kind]);
        const startMs = performance.now();
        await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
        return performance.now() - startMs;
      };
      const times = new Map(kinds.map((kind) => [kind, [] as number[]]));
      const heap: number[] = [];
      let heldBefore: readonly number[] | undefined;
      for (let count = 0; count < 200; count++) {
        const kind = kinds[count % kinds.length] ?? 'graceful';
        times.get(kind)?.push(await restart(kind));
        if (count % 20 !== 19) continue;
        await expect.poll(() => rig.files()).toHaveLength(1);
        heap.push(await usedHeap());
        heldBefore ??= held(rig, plugin);
      }
      const grown = (): number[] => held(rig, plugin).filter((count, index) => count > (heldBefore?.[index] ?? 0));
      await expect.poll(grown).toEqual([]);
      // The pause after a lost stream is 50 ms and more: none of it is waited for, or no restart would take less.
      for (const [kind, ms] of times) expect([kind, Math.min(...ms) < 50]).toEqual([kind, true]);
      // Some 6 KiB are the memory of this kubelet and this log; as much again is code that V8 still compiles.
      expect(slope(heap) / 20).toBeLessThan(30 * 1024);
      await running.stop();
      expect(rig.files()).toEqual([]);
    }
    await expect.poll(handles).toEqual(before);
  }, 60_000);
});

describe('a kubelet that is away', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets time pass for the plugin, while its sockets do real work. */
  async function pass(ms: number): Promise<void> {
    for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 500) {
      await vi.advanceTimersByTimeAsync(500);
      await new Promise(setImmediate);
    }
  }

  it.each([
    ['3 s', 'graceful', 3_000],
    ['3 s', 'crash', 3_000],
    ['60 s', 'graceful', 60_000],
    ['60 s', 'crash', 60_000],
  ] as const)(
    'for %s after a %s end is told of once, and served at once when it is back',
    async (_what, kind, awayMs) => {
      await using rig = await Rig.withKubelet();
      const { plugin } = rig.run(new TreePlugin());
      await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
      await rig.kubelet.stop(kind);
      await expect.poll(() => telemetry.resources.get(red)?.problem).toBeDefined();
      await pass(awayMs);
      plugin.find({ red: ['a', 'b', 'c'] });
      const client = rig.client(rig.socketOf(red));
      await expect(client.allocate(['c'])).resolves.toBeDefined();
      expect(warnings(rig)).toHaveLength(1);
      await rig.kubelet.start();
      await rig.kubelet.waitFor({ resource: red, devices: 3, state: 'connected' });
    },
  );

  it('for ever costs one line, a try every ten seconds at most, and nothing when its socket is gone', async () => {
    await using rig = await Rig.withKubelet();
    const running = rig.run(new TreePlugin());
    await rig.kubelet.waitFor({ resource: red, devices: 2, state: 'connected' });
    await rig.kubelet.stop('crash');
    const before = failedRegistrations();
    await pass(3_600_000);
    const tries = failedRegistrations() - before;
    expect(tries).toBeGreaterThan(100);
    expect(tries).toBeLessThan(3_600_000 / 5_000 + 20);
    await rm(rig.kubelet.socketPath);
    await expect.poll(() => telemetry.resources.get(red)?.problem).toContain('is not there yet');
    const withSocket = failedRegistrations();
    await pass(3_600_000);
    expect(failedRegistrations()).toBe(withSocket);
    expect(warnings(rig)).toHaveLength(2);
    await running.stop();
  });
});

/** Lines that are worse than information. */
function warnings(rig: Rig): string[] {
  return rig.log.lines.filter((line) => !line.startsWith('I'));
}

function failedRegistrations(): number {
  const samples = telemetry.registrations.samples();
  return samples.find(({ labels }) => labels['resource'] === red && labels['result'] === 'error')?.value ?? 0;
}
