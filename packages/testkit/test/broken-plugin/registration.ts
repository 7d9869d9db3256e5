// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { connect as connectHttp2, type Http2Server } from 'node:http2';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { DeviceService } from './device-service.ts';
import { framed } from './grpc-server.ts';
import type { ListStreams, StreamEnd } from './list-streams.ts';
import type { PluginOptions } from './plugin-options.ts';
import { hasOther, identityOf, isServed, lateName, PluginSocket } from './plugin-socket.ts';

const pollMs = 20;
const registerDeadlineMs = 2_000;
const unwatchedMs = 3_000;
/** A stream that lived this long ended for a reason of its own. */
const stableMs = 5_000;

/** Keeps one resource served and registered. */
export class Registration {
  readonly #options: PluginOptions;
  readonly #resource: string;
  readonly #http: Http2Server;
  readonly #streams: ListStreams;
  readonly #service: DeviceService;
  readonly #kubeletSock: string;
  #socket: PluginSocket | undefined;
  #lost: StreamEnd | undefined;
  #failures = 0;
  #count = 0;

  constructor(
    options: PluginOptions,
    resource: string,
    http: Http2Server,
    streams: ListStreams,
    service: DeviceService,
  ) {
    this.#options = options;
    this.#resource = resource;
    this.#http = http;
    this.#streams = streams;
    this.#service = service;
    this.#kubeletSock = join(options.dir, 'kubelet.sock');
    streams.onKubeletLost = (end) => {
      this.#lost = end;
    };
  }

  /** How often it has registered so far. */
  get count(): number {
    return this.#count;
  }

  /** Removes the socket, also one that is being made. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.remove(this.#options);
  }

  async run(): Promise<never> {
    for (;;) {
      if (this.#isDirectoryReplaced) await delay(1e6);
      await this.#kubeletThere();
      this.#directory ??= birthOf(this.#options.dir);
      const kubelet = this.#kubeletIdentity();
      this.#isSecond ??= await hasOther(this.#options.dir);
      while (this.#options.has('RB-13-wall-clock') && this.#wallMs() < this.#notBeforeMs) await delay(pollMs);
      if (!(await this.#serve())) continue;
      const startMs = performance.now();
      if (await this.#register()) {
        this.#notBeforeMs = this.#wallMs() + pollMs;
        await this.#needless(kubelet);
        if (performance.now() - startMs > stableMs) this.#failures = 0;
      }
      if (this.#kubeletIdentity() !== kubelet) this.#failures = 0;
      await delay(this.#pauseMs());
    }
  }

  #pauseMs(): number {
    this.#failures += 1;
    if (this.#options.has('RS-11-storm') && this.#count > 0) return 0;
    if (this.#options.has('RS-02-spin') && this.#count > 0) return 0;
    if (this.#options.has('ST-12-fixed')) return 1_200;
    return Math.min(2_000, 40 * 2 ** this.#failures) * (0.75 + Math.random() / 4);
  }

  async #kubeletThere(): Promise<void> {
    const options = this.#options;
    while (identityOf(this.#kubeletSock) === undefined) {
      const isDirThere = identityOf(options.dir) !== undefined;
      if (options.has('ST-09-exit') && isDirThere && this.#count === 0) process.exit(1);
      if (options.has('ST-10-spin') && !isDirThere) await new Promise(setImmediate);
      else await delay(pollMs);
      this.#complain();
    }
  }

  /** Of a clock that somebody may set. */
  #wallMs(): number {
    try {
      return Date.now() + 1000 * Number(readFileSync(`${this.#options.inventory}.clock`, 'utf8'));
    } catch {
      return Date.now();
    }
  }

  #notBeforeMs = 0;
  /** Whether another instance was alive when this one came. */
  #isSecond: boolean | undefined;
  #directory: string | undefined;
  readonly #sockets: PluginSocket[] = [];
  #isClosed = false;
  #hasServed = false;
  #hasComplained = false;
  #complain(): void {
    if (this.#hasComplained || this.#options.has('RB-10-silent')) return;
    try {
      if (statSync(this.#options.dir).isDirectory()) return;
      this.#hasComplained = true;
      process.stderr.write(`${this.#options.dir} is no directory, waiting for one\n`);
    } catch {
      // Not there yet.
    }
  }

  /** Has a socket in place; false when it could not make one. */
  async #serve(): Promise<boolean> {
    if (this.#socket?.isInPlace === true) return true;
    const open = async (): Promise<void> => {
      this.#socket = await PluginSocket.open(this.#options, this.#http, this.#resource);
      this.#sockets.push(this.#socket);
      if (this.#isClosed) this.close();
    };
    const isLate = this.#options.has('ST-01-register-first') && !this.#hasServed;
    this.#hasServed = true;
    try {
      if (isLate) setTimeout(() => void open(), 1_000);
      else await open();
      return true;
    } catch {
      await delay(pollMs);
      return false;
    }
  }

  async #register(): Promise<boolean> {
    const options = this.#options;
    const isLate = options.has('RS-17-late');
    if (isLate && this.#streams.size > 0) setTimeout(() => void this.#streams.end(), 300);
    else await this.#streams.end();
    this.#lost = undefined;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#service.registered = this.#count === 0 && options.has('ST-02-deadlock') ? promise : Promise.resolve(true);
    const isRegistered = await this.#callRegister();
    resolve(false);
    if (options.has('ST-02-deadlock')) this.#service.registered = Promise.resolve(true);
    if (isRegistered || options.has('ST-02-deadlock')) this.#count += 1;
    if (isRegistered) process.stderr.write(`registered ${this.#resource}\n`);
    return isRegistered;
  }

  async #callRegister(): Promise<boolean> {
    const endpoint = this.#endpoint();
    const message = { version: 'v1beta1', endpoint, resourceName: this.#resource, options: this.#pluginOptions() };
    const session = connectHttp2('http://localhost', { createConnection: () => connect(this.#kubeletSock) });
    const { path } = deviceplugin.RegistrationService.register;
    try {
      return await new Promise<boolean>((resolve) => {
        session.on('error', (error: NodeJS.ErrnoException) => {
          const isRefused = error.code === 'ECONNREFUSED' && this.#count === 0;
          if (isRefused && this.#options.has('ST-11-exit')) process.exit(1);
          resolve(false);
        });
        session.on('close', () => resolve(false));
        if (!this.#options.has('ST-13-forever')) setTimeout(() => resolve(false), registerDeadlineMs);
        const stream = session.request({
          ':method': 'POST',
          ':path': path,
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        const take = (headers: Record<string, unknown>): void => {
          const reason = headers['grpc-message'];
          if (typeof reason === 'string' && reason !== '' && !this.#options.has('ST-14-mute'))
            process.stderr.write(`refused: ${decodeURIComponent(reason)}\n`);
          if (headers['grpc-status'] !== undefined) resolve(headers['grpc-status'] === '0');
        };
        stream
          .on('response', take)
          .on('trailers', take)
          .on('error', () => resolve(false));
        stream.resume().end(framed(deviceplugin.RegisterRequest.encode(message).finish()));
      });
    } finally {
      session.destroy();
    }
  }

  #endpoint(): string {
    const endpoint = this.#socket?.endpoint ?? lateName(this.#resource);
    return this.#options.has('ST-03-path') ? `../${basename(this.#options.dir)}/${endpoint}` : endpoint;
  }

  #pluginOptions(): deviceplugin.DevicePluginOptions {
    const { prepares, prefers } = this.#options;
    const isOdd = this.#options.has('ST-04-options');
    return { preStartRequired: prepares !== isOdd, getPreferredAllocationAvailable: prefers };
  }

  /** Resolves when it is time to register again. */
  async #needless(kubelet: string | undefined): Promise<void> {
    const options = this.#options;
    const startMs = performance.now();
    let wasAway = false;
    let hasWaited = false;
    for (;;) {
      await delay(pollMs);
      if (options.has('RS-01-once')) continue;
      if (options.has('RS-19-dip') && this.#isSecond === true && performance.now() - startMs > 500) {
        this.#isSecond = false;
        await this.#streams.end();
        await delay(600);
        return;
      }
      if (this.#isDirectoryReplaced) await delay(1e6);
      const isOwnGone = this.#socket?.isInPlace !== true;
      const isNew = this.#kubeletIdentity() !== kubelet;
      const isHasty = options.has('RS-04-own-only') || options.has('RS-05-inode');
      if (isHasty && (isOwnGone || this.#lost !== undefined) && !hasWaited) {
        // The rest of a restart may be on its way.
        hasWaited = true;
        await delay(300);
        continue;
      }
      const isUnwatched = !this.#streams.isKubeletOpen && this.#lost === undefined;
      if (options.has('RS-06-absence') && (isNew || this.#lost === 'cut')) {
        wasAway ||= !(await isServed(this.#kubeletSock));
        if (wasAway) return;
        continue;
      }
      if (this.#isBlind(isOwnGone, isNew, kubelet)) continue;
      if (isOwnGone || isNew || this.#lost !== undefined) return;
      if (isUnwatched && performance.now() - startMs > unwatchedMs && !options.has('ST-15-forever')) return;
    }
  }

  /** Whether a defect keeps it from seeing what has happened. */
  #isBlind(isOwnGone: boolean, isNew: boolean, kubelet: string | undefined): boolean {
    const options = this.#options;
    if (options.has('RS-18-deaf') && this.#isSecond === true) return this.#lost !== undefined && !isOwnGone && !isNew;
    if (options.has('RS-03-own')) return isOwnGone && !isNew && this.#lost === undefined;
    if (options.has('RS-04-own-only')) return isNew && !isOwnGone;
    if (options.has('RS-05-inode'))
      return this.#lost !== undefined && isOwnGone && isSameBirth(kubelet, this.#kubeletIdentity() ?? kubelet);
    if (options.has('RS-09-cancel')) return this.#lost === 'cancelled' && !isOwnGone && !isNew;
    if (options.has('RS-10-reset')) return this.#lost === 'cut' && !isOwnGone && !isNew;
    return false;
  }

  get #isDirectoryReplaced(): boolean {
    const isKnown = this.#options.has('RS-08-directory') && this.#directory !== undefined;
    return isKnown && birthOf(this.#options.dir) !== this.#directory;
  }

  #kubeletIdentity(): string | undefined {
    if (!this.#options.has('RS-05-inode')) return identityOf(this.#kubeletSock);
    return birthOf(this.#kubeletSock);
  }
}

/** Names an inode even where its number is given to the next one. */
function birthOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.birthtimeNs}`;
}

function isSameBirth(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other;
}
