// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TempDir } from '../../test/temp-dir.ts';
import { KubeletDirectory } from './kubelet-directory.ts';
import { KubeletLink } from './kubelet-link.ts';
import { ListeningSocket } from './listening-socket.ts';
import { ProblemReport } from './problem-report.ts';
import { WatcherRegistrar } from './watcher-registrar.ts';

/** A registrar whose clock stands still; `isKept` tells whether it is content with its socket. */
class Rig implements AsyncDisposable {
  readonly link = new KubeletLink();
  readonly controller = new AbortController();
  readonly #dir: TempDir;
  readonly #socket: ListeningSocket;
  readonly #registrar: WatcherRegistrar;
  isKept = false;

  private constructor(dir: TempDir, socket: ListeningSocket) {
    const resourceName = 'example.com/card';
    this.#dir = dir;
    this.#socket = socket;
    const directory = new KubeletDirectory(dir.path);
    this.#registrar = new WatcherRegistrar(resourceName, directory, this.link, new ProblemReport(resourceName));
  }

  static async create(): Promise<Rig> {
    const dir = await TempDir.create();
    return new Rig(dir, await ListeningSocket.open(dir.join('a.sock'), (connection) => connection.destroy()));
  }

  async keep(): Promise<void> {
    this.isKept = true;
    await this.#registrar.keepRegistered(this.#socket, this.controller.signal);
    this.isKept = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.controller.abort();
    this.#socket.close();
    await this.#dir[Symbol.asyncDispose]();
  }
}

describe('WatcherRegistrar', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('wants a new socket when no kubelet listens for half a minute, and has more patience each time', async () => {
    await using rig = await Rig.create();
    const patienceMs: number[] = [];
    for (let i = 0; i < 4; i++) {
      void rig.keep();
      let elapsedMs = 0;
      for (; rig.isKept; elapsedMs += 1_000) await vi.advanceTimersByTimeAsync(1_000);
      patienceMs.push(elapsedMs);
    }
    for (const [i, maxMs] of [30_000, 60_000, 120_000, 120_000].entries()) {
      expect(patienceMs[i]).toBeGreaterThanOrEqual(maxMs / 2);
      expect(patienceMs[i]).toBeLessThanOrEqual(maxMs + 1_000);
    }
  });

  it('is content while the kubelet listens, and counts its patience anew after that', async () => {
    await using rig = await Rig.create();
    void rig.keep();
    await vi.advanceTimersByTimeAsync(14_000);
    const ended = rig.link.streamOpened({});
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(rig.isKept).toBe(true);
    ended?.();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(rig.isKept).toBe(true);
    await vi.advanceTimersByTimeAsync(17_000);
    expect(rig.isKept).toBe(false);
  });

  it('is done when it is aborted', async () => {
    await using rig = await Rig.create();
    const kept = rig.keep();
    rig.controller.abort();
    await expect(kept).resolves.toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
