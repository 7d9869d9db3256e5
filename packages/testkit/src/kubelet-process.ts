// SPDX-License-Identifier: Apache-2.0
import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DevicePluginError } from '@kube-device-plugins/core';
import { kubeletSocketName, maxMessageBytes, maxSocketPathBytes } from '@kube-device-plugins/core/kubelet-api';
import type { RestartKind, StopKind } from './kubelet-event.ts';
import { KubeletRun, type RunSettings } from './kubelet-run.ts';
import type { CutKind } from './plugin-clients.ts';
import { deleteSockets, makePluginDirectory, removePluginDirectory } from './plugin-directory.ts';
import { RegistrationService } from './registration-service.ts';

/** How long a restart takes. */
export interface RestartOptions {
  /** How long the kubelet is away. Default 0. */
  readonly downMs?: number;
  /** Between two restarts in a row. Default 100. */
  readonly gapMs?: number;
}

/** The kubelet as a process: how it comes and goes, and what that does to its directory. */
export class KubeletProcess {
  readonly #settings: RunSettings;
  readonly #dir: string;
  readonly #socketPath: string;
  #run: KubeletRun | undefined;
  #service: RegistrationService | undefined;
  #isOver = false;
  #isSocketOurs = false;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.#dir = settings.options.dir;
    this.#socketPath = join(this.#dir, kubeletSocketName);
  }

  /** Does nothing when it runs already. @throws DevicePluginError `SOCKET_PATH_TOO_LONG`; rejects when the directory cannot be used. */
  async start(): Promise<void> {
    await this.#begin(() => {
      makePluginDirectory(this.#dir);
      deleteSockets(this.#dir);
      return this.#serve();
    });
  }

  async stop(kind: StopKind): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    const closed = Promise.all([this.#end(kind), service?.close()]);
    if (kind === 'graceful' && this.#isSocketOurs) {
      this.#isSocketOurs = false;
      rmSync(this.#socketPath, { force: true });
    }
    await closed;
  }

  /** Stops, and does not start any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.stop('graceful');
  }

  async restart(kind: RestartKind, options: RestartOptions): Promise<void> {
    const { downMs = 0, gapMs = 100 } = options;
    switch (kind) {
      case 'graceful':
      case 'crash':
      case 'fast':
        await this.stop(kind === 'graceful' ? 'graceful' : 'crash');
        if (kind !== 'fast') await delay(downMs);
        await this.start();
        break;
      case 'wipe-dir':
        await this.stop('crash');
        removePluginDirectory(this.#dir);
        await delay(downMs);
        await this.start();
        break;
      case 'same-inode':
        await this.#restartOnSameInode(downMs);
        break;
      case 'kubelet-sock-first':
        await this.#restartSocketFirst(downMs);
        break;
      case 'twice-in-a-row':
        await this.restart('graceful', { downMs });
        await delay(gapMs);
        await this.restart('graceful', { downMs });
        break;
    }
    this.#settings.emit({ type: 'restarted', kind });
  }

  /** Does nothing when the kubelet does not run. */
  cutStreams(resource: string, kind: CutKind): void {
    this.#run?.clients.cut(resource, kind);
  }

  /** A second link keeps the socket and its inode, and whoever listens on it, while kubelet.sock is away. */
  async #restartOnSameInode(downMs: number): Promise<void> {
    const service = this.#service;
    if (service === undefined) {
      await this.start();
      return;
    }
    await this.#end('crash');
    this.#service = undefined;
    service.disconnectAll();
    const kept = `.${kubeletSocketName}`;
    rmSync(join(this.#dir, kept), { force: true });
    linkSync(this.#socketPath, join(this.#dir, kept));
    rmSync(this.#socketPath);
    await delay(downMs);
    await this.#begin(() => {
      deleteSockets(this.#dir, [kept]);
      linkSync(join(this.#dir, kept), this.#socketPath);
      rmSync(join(this.#dir, kept));
      return service;
    });
  }

  async #restartSocketFirst(downMs: number): Promise<void> {
    await this.stop('crash');
    await this.#begin(() => {
      makePluginDirectory(this.#dir);
      rmSync(this.#socketPath, { force: true });
      return this.#serve();
    });
    await delay(downMs);
    deleteSockets(this.#dir, [kubeletSocketName]);
  }

  /** `listen` prepares the directory and binds, without a pause in between. */
  async #begin(listen: () => RegistrationService): Promise<void> {
    if (this.#run !== undefined) return;
    if (this.#isOver) throw new Error('the kubelet has been disposed');
    if (Buffer.byteLength(this.#socketPath) > maxSocketPathBytes) {
      const message = `${this.#socketPath} is longer than ${maxSocketPathBytes} bytes: use a shorter directory`;
      throw new DevicePluginError('SOCKET_PATH_TOO_LONG', message);
    }
    this.#settings.manager.start();
    const run = new KubeletRun(this.#settings);
    this.#run = run;
    try {
      this.#service = listen();
      await this.#service.listening();
      await run.start();
    } catch (error) {
      await this.stop('crash');
      throw error;
    }
    this.#isSocketOurs = true;
    this.#settings.emit({ type: 'started' });
  }

  /** Everything but kubelet.sock is over. */
  async #end(kind: StopKind): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    const closed = run.close(kind);
    this.#settings.manager.stop();
    this.#settings.emit({ type: 'stopped', kind });
    await closed;
  }

  #serve(): RegistrationService {
    const { messageBytes = maxMessageBytes, windowBytes, concurrentStreams } = this.#settings.options.limits ?? {};
    const settings = { maxMessageBytes: messageBytes, windowBytes, maxConcurrentStreams: concurrentStreams };
    return new RegistrationService(this.#socketPath, settings, async (request, caller) => {
      if (this.#run === undefined) throw new Error('the kubelet has stopped');
      await this.#run.registrar.register(request, caller);
    });
  }
}
