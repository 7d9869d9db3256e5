// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { DevicePluginError } from '../errors.ts';
import { telemetryOf, type Telemetry } from '../observe/telemetry.ts';
import { currentScope } from '../plugin-scope.ts';
import { aborted } from '../serve/abortable.ts';
import { supervise, type PluginLife } from './plugin-supervisor.ts';

let rigs = 0;

/** A plugin under supervision, on a clock of its own. */
class Rig implements Disposable {
  readonly name = `plugin-${++rigs}`;
  readonly log = new CapturedLog();
  readonly stop = new AbortController();
  readonly starts: number[] = [];
  readonly end: Promise<Error | undefined>;

  constructor(live: PluginLife) {
    this.end = supervise(
      this.name,
      async (signal) => {
        this.starts.push(Date.now());
        await live(signal);
      },
      this.stop.signal,
    );
  }

  get telemetry(): Telemetry {
    return telemetryOf(this.name);
  }

  get pauses(): number[] {
    return this.starts.slice(1).map((start, index) => start - (this.starts[index] ?? 0));
  }

  [Symbol.dispose](): void {
    this.stop.abort();
    this.log[Symbol.dispose]();
  }
}

describe('supervise()', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('resolves with nothing once it is stopped', async () => {
    using rig = new Rig(aborted);
    await vi.advanceTimersByTimeAsync(1_000);
    rig.stop.abort();
    await expect(rig.end).resolves.toBeUndefined();
    expect([rig.starts.length, rig.telemetry.failures.samples()]).toEqual([1, []]);
  });

  it('starts a plugin again that ends, after pauses that grow up to 5 min', async () => {
    using rig = new Rig(() => Promise.reject(new Error('cannot look')));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(rig.pauses.slice(0, 4)).toEqual([750, 1_500, 3_000, 6_000]);
    expect(Math.max(...rig.pauses)).toBe(225_000);
    expect(rig.log.with('the plugin ended and is started again')[0]).toMatch(
      new RegExp(`plugin="${rig.name}" inMs=750 error="cannot look"`),
    );
  });

  it('begins with short pauses again when a life was long', async () => {
    using rig = new Rig(() => new Promise((_resolve, reject) => setTimeout(reject, 600_000, new Error('late'))));
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(rig.pauses).toEqual([600_750, 600_750, 600_750, 600_750]);
  });

  it('tells why it is down and when it comes back, and counts', async () => {
    using rig = new Rig(() => Promise.resolve());
    await vi.advanceTimersByTimeAsync(10);
    expect(rig.telemetry.outage).toMatch(/^ended, to be started again at \d{4}-.*Z: the scan of the plugin returned$/);
    expect(rig.telemetry.failures.samples()).toEqual([{ labels: {}, value: 1 }]);
  });

  it.each(['FLAG_INVALID', 'SOCKET_PATH_TOO_LONG', 'RESOURCE_NAME_INVALID', 'PLUGIN_DIR_DELETED'] as const)(
    'gives a plugin up after %s',
    async (code) => {
      const error = new DevicePluginError(code, 'no other time will be better');
      using rig = new Rig(() => Promise.reject(error));
      await expect(rig.end).resolves.toBe(error);
      expect([rig.starts.length, rig.telemetry.outage]).toEqual([1, 'given up: no other time will be better']);
      expect(rig.log.with('the plugin is given up')).toHaveLength(1);
    },
  );

  it('ends a life by an error that nobody caught, waits for it, and reports later ones of it once', async () => {
    let stray: ((error: unknown) => void) | undefined;
    const deaths: number[] = [];
    using rig = new Rig(async (signal) => {
      stray ??= currentScope()?.onStrayError;
      await aborted(signal);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      deaths.push(Date.now());
    });
    const startMs = Date.now();
    await vi.advanceTimersByTimeAsync(10);
    stray?.(new Error('boom'));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(deaths).toEqual([startMs + 3_010]);
    expect(rig.telemetry.outage).toContain('nobody caught an error of the plugin: boom');
    await vi.advanceTimersByTimeAsync(750);
    expect(rig.starts).toHaveLength(2);
    for (let i = 0; i < 3; i++) stray?.(new Error('again'));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(rig.starts).toHaveLength(2);
    expect(rig.log.with('left an error behind')).toHaveLength(1);
  });

  it('goes on without a life that does not end', async () => {
    let stray: ((error: unknown) => void) | undefined;
    using rig = new Rig(() => {
      stray = currentScope()?.onStrayError;
      return new Promise(() => undefined);
    });
    await vi.advanceTimersByTimeAsync(10);
    stray?.('not even an error');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(rig.log.with('the plugin does not end, going on without')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(750);
    expect(rig.starts).toHaveLength(2);
  });

  it('takes whatever is thrown for a reason', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- plugins may be plain JavaScript
    using rig = new Rig(() => Promise.reject('words'));
    await vi.advanceTimersByTimeAsync(10);
    expect(rig.telemetry.outage).toContain('the plugin threw: words');
  });
});
