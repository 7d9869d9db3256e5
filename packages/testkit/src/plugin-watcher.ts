// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { type FoundSocket, findSockets } from './registry-scan.ts';

/** Who takes in what the watcher finds. */
export interface WatcherHandler {
  /** Rejects when it has to be tried again. Resolves with how to deregister it. */
  register(socketPath: string, signal: AbortSignal): Promise<() => void>;
}

/** What the kubelet's plugin watcher goes by. */
export interface WatcherSettings {
  readonly dir: string;
  /** How often it looks. */
  readonly periodMs: number;
  /** Of the pauses after failures. */
  readonly clock: Clock;
  readonly handler: WatcherHandler;
}

/** What has become of a socket. */
interface Registration {
  readonly identity: string;
  /** Undefined while it is being registered, and after a failure. */
  deregister?: (() => void) | undefined;
  isBusy: boolean;
  isGone: boolean;
  pauseMs: number;
  notBeforeMs: number;
}

/**
 * The plugin watcher: registers every socket in its directory by itself, again when it is made anew, and deregisters it when it is gone.
 * Nothing is deleted. Upstream: pkg/kubelet/pluginmanager.
 */
export class PluginWatcher {
  readonly #settings: WatcherSettings;
  readonly #closing = new AbortController();
  readonly #registrations = new Map<string, Registration>();

  /** Makes the directory. @throws when it cannot. */
  constructor(settings: WatcherSettings) {
    this.#settings = settings;
    mkdirSync(settings.dir, { recursive: true, mode: 0o755 });
    void this.#run();
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#reconcile(await findSockets(this.#settings.dir));
      await delay(this.#settings.periodMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #reconcile(found: readonly FoundSocket[]): void {
    if (this.#closing.signal.aborted) return;
    const identities = new Map(found.map(({ path, identity }) => [path, identity]));
    for (const [path, registration] of this.#registrations) {
      if (identities.get(path) === registration.identity) continue;
      this.#registrations.delete(path);
      registration.isGone = true;
      registration.deregister?.();
    }
    for (const { path, identity } of found) {
      const registration = this.#registrations.get(path) ?? newRegistration(identity);
      this.#registrations.set(path, registration);
      const isDue = registration.notBeforeMs <= this.#settings.clock.now();
      const isWanted = registration.deregister === undefined && !registration.isBusy;
      if (isWanted && isDue) void this.#register(path, registration);
    }
  }

  async #register(path: string, registration: Registration): Promise<void> {
    const { handler, clock } = this.#settings;
    registration.isBusy = true;
    try {
      const deregister = await handler.register(path, this.#closing.signal);
      if (registration.isGone) deregister();
      else registration.deregister = deregister;
    } catch {
      registration.notBeforeMs = clock.now() + registration.pauseMs;
      registration.pauseMs = Math.min(2 * registration.pauseMs, longestPauseMs);
    } finally {
      registration.isBusy = false;
    }
  }
}

// Upstream: pkg/util/goroutinemap/exponentialbackoff.
const firstPauseMs = 500;
const longestPauseMs = 122_000;

function newRegistration(identity: string): Registration {
  return { identity, isBusy: false, isGone: false, pauseMs: firstPauseMs, notBeforeMs: -Infinity };
}
