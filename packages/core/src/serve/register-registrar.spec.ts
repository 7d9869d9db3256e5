// SPDX-License-Identifier: Apache-2.0
import { Server, ServerCredentials, status, type sendUnaryData } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { TempDir } from '../../test/temp-dir.ts';
import { RegistrationService } from '../kubelet-api/deviceplugin.ts';
import { KubeletDirectory } from './kubelet-directory.ts';
import { KubeletLink } from './kubelet-link.ts';
import { ListeningSocket } from './listening-socket.ts';
import { ProblemReport } from './problem-report.ts';
import { RegisterRegistrar } from './register-registrar.ts';

const resourceName = 'example.com/card';

/** A registrar with a kubelet that does nothing by itself: a test opens the streams. */
class Rig implements AsyncDisposable {
  readonly link = new KubeletLink();
  readonly log = new CapturedLog();
  readonly #controller = new AbortController();
  readonly #server = new Server();
  #dir: TempDir | undefined;
  #socket: ListeningSocket | undefined;
  #kept: Promise<void> = Promise.resolve();
  registrations = 0;
  /** So many of the next registrations are refused. */
  refusals = 0;
  endedStreams = 0;
  onRegister = (): void => undefined;

  static async create(prepare: (rig: Rig) => void = () => undefined): Promise<Rig> {
    const rig = new Rig();
    prepare(rig);
    rig.#dir = await TempDir.create();
    const directory = new KubeletDirectory(rig.#dir.path);
    const register = (_call: unknown, callback: sendUnaryData<unknown>): void => {
      rig.registrations += 1;
      rig.onRegister();
      if (rig.refusals-- > 0) callback({ code: status.UNAVAILABLE, details: 'not yet' });
      else callback(null, {});
    };
    rig.#server.addService(RegistrationService, { register });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    rig.#server.bindAsync(`unix:${directory.kubeletSocket}`, ServerCredentials.createInsecure(), resolve);
    await promise;
    rig.#socket = await ListeningSocket.open(rig.#dir.join('plugin.sock'), (connection) => connection.destroy());
    const endStreams = (): Promise<void> => {
      rig.endedStreams += 1;
      return Promise.resolve();
    };
    const plugin = { scan: () => Promise.resolve() };
    const parts = {
      resourceName,
      plugin,
      directory,
      link: rig.link,
      problems: new ProblemReport(resourceName),
      endStreams,
    };
    rig.#kept = new RegisterRegistrar(parts).keepRegistered(rig.#socket, rig.#controller.signal);
    return rig;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.#kept;
    this.#socket?.close();
    this.#server.forceShutdown();
    await this.#dir?.[Symbol.asyncDispose]();
    this.log[Symbol.dispose]();
  }
}

describe('RegisterRegistrar', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets time pass until something is so; returns how much did, in milliseconds. Real work goes on meanwhile. */
  async function until(condition: () => boolean, stepMs = 1): Promise<number> {
    let elapsedMs = 0;
    for (; !condition(); elapsedMs += stepMs) {
      await vi.advanceTimersByTimeAsync(stepMs);
      await new Promise(setImmediate);
    }
    return elapsedMs;
  }

  it('registers again when the kubelet opens no stream within 30 seconds', async () => {
    await using rig = await Rig.create();
    await until(() => rig.log.with('registered with the kubelet').length === 1, 0);
    await vi.advanceTimersByTimeAsync(29_900);
    expect(rig.registrations).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(await until(() => rig.registrations === 2)).toBeLessThan(1_000);
    expect(rig.log.with('the kubelet opened no stream')).toHaveLength(1);
  });

  it('does not when the stream is opened within them', async () => {
    await using rig = await Rig.create();
    await until(() => rig.log.with('registered with the kubelet').length === 1, 0);
    await vi.advanceTimersByTimeAsync(29_900);
    rig.link.streamOpened({});
    await vi.advanceTimersByTimeAsync(120_000);
    expect([rig.registrations, rig.log.with('registering again')]).toEqual([1, []]);
  });

  it('ends earlier streams first, each time', async () => {
    await using rig = await Rig.create();
    await until(() => rig.registrations === 1);
    expect(rig.endedStreams).toBe(1);
    rig.link.streamOpened({})?.();
    await until(() => rig.registrations === 2);
    expect(rig.endedStreams).toBe(2);
  });

  it('registers again when the stream was opened and ended before the answer to Register was here', async () => {
    await using rig = await Rig.create((it) => {
      it.onRegister = () => {
        if (it.registrations === 1) it.link.streamOpened({})?.();
      };
    });
    await until(() => rig.registrations === 2);
    expect(rig.log.with('the kubelet ended its stream')).toHaveLength(1);
  });

  it('takes more time for each stream that ends soon', async () => {
    await using rig = await Rig.create();
    let elapsedMs = 0;
    for (let i = 1; i <= 5; i++) {
      await until(() => rig.log.with('registered with the kubelet').length === i, 0);
      rig.link.streamOpened({})?.();
      elapsedMs += await until(() => rig.registrations === i + 1);
    }
    // 100, 200, 400, 800 and 1,600 ms, each at least by half.
    expect(elapsedMs).toBeGreaterThanOrEqual(1_550);
    expect(rig.log.with('registering again')).toHaveLength(5);
  });

  it('registers ever more seldom when 20 streams in a row are cut, and at once again after one that lasted', async () => {
    await using rig = await Rig.create();
    await until(() => rig.registrations === 1);
    const pausesMs: number[] = [];
    const cut = async (afterMs: number): Promise<void> => {
      await until(() => rig.log.with('registered with the kubelet').length === rig.registrations, 0);
      const next = rig.registrations + 1;
      const ended = rig.link.streamOpened({});
      await vi.advanceTimersByTimeAsync(afterMs);
      ended?.();
      pausesMs.push(await until(() => rig.registrations === next, 10));
    };
    for (let i = 0; i < 20; i++) await cut(10);
    const totalMs = pausesMs.reduce((sum, ms) => sum + ms, 0);
    expect(totalMs).toBeGreaterThan(20_000);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(30_500);
    for (const pauseMs of pausesMs.slice(8)) expect(pauseMs).toBeGreaterThanOrEqual(12_800);
    await cut(61_000);
    expect(pausesMs.at(-1)).toBeLessThanOrEqual(150);
  });

  it('registers again at once after the first stream that ends, however often the kubelet had refused before', async () => {
    await using rig = await Rig.create((it) => {
      it.refusals = 8;
    });
    await until(() => rig.log.with('registered with the kubelet').length === 1, 10);
    expect(rig.registrations).toBe(9);
    rig.link.streamOpened({})?.();
    expect(await until(() => rig.registrations === 10)).toBeLessThanOrEqual(150);
  });
});
