// SPDX-License-Identifier: Apache-2.0
import { readdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kubeletSocketName } from '@kube-device-plugins/core/kubelet-api';
import { FakeKubelet } from '../fake-kubelet.ts';
import type { FakeKubeletOptions } from '../fake-kubelet-options.ts';
import type { KubeletProfile } from '../kubelet-profile.ts';
import type { ResourceView } from '../resource-view.ts';
import { makeTemporaryDirectory } from '../temporary-directory.ts';
import type { Budgets } from './budgets.ts';
import { ClauseFailure, Skipped } from './clause.ts';
import { counted } from './counted.ts';
import { ObservedResource } from './observed-resource.ts';
import { PluginCaller } from './plugin-caller.ts';
import { PluginProcess } from './plugin-process.ts';
import { commandAt, type ConformanceSubject, envAt, isGiven, type Place } from './subject.ts';

/** What a run learns of its plugin. */
export interface Timing {
  /** From the start of its process to the first list. */
  longestStartMs: number;
}

/** What all stages of a run have in common. */
export interface StageSettings {
  readonly subject: ConformanceSubject;
  readonly budgets: Budgets;
  readonly timing: Timing;
  /** The release whose kubelet there is. */
  readonly profile: KubeletProfile;
  readonly signal: AbortSignal;
}

/** A device plugin directory, a kubelet and the plugin as a process, for one clause or for several that do not disturb each other. */
export class Stage extends ObservedResource implements AsyncDisposable {
  override readonly resource: string;
  place: Place;
  /** What was done to the plugin last, for the beginning of a message: `deleted its socket`. */
  deed: string | undefined;
  readonly #subject: ConformanceSubject;
  readonly #budgets: Budgets;
  readonly #timing: Timing;
  readonly #signal: AbortSignal;
  readonly #profile: KubeletProfile;
  readonly #root: string;
  readonly #plugins: PluginProcess[] = [];
  #kubelet: FakeKubelet | undefined;
  #isOver = false;

  constructor({ subject, budgets, timing, profile, signal }: StageSettings) {
    super();
    this.#timing = timing;
    this.#subject = subject;
    this.#budgets = budgets;
    this.#profile = profile;
    this.#signal = signal;
    this.#root = makeTemporaryDirectory('kdp-');
    this.resource = subject.resources[0];
    const at = (name: string): string => join(this.#root, name);
    this.place = {
      dir: at('plugins'),
      cdi: at('cdi'),
      prefix: at('host'),
      inventory: at('inventory'),
      podresources: join(at('pods'), kubeletSocketName),
      registry: at('registry'),
      port: '0',
    };
  }

  /** The kubelet, made on first use; it does not run until it is started. */
  override get kubelet(): FakeKubelet {
    return this.#kubelet ?? this.kubeletWith({});
  }

  /** The plugin that was started last. */
  get plugin(): PluginProcess {
    const last = this.#plugins.at(-1);
    if (last === undefined) throw new Error('no plugin has been started');
    return last;
  }

  /** Whether a plugin has been started. */
  get hasBegun(): boolean {
    return this.#plugins.length > 0;
  }

  /** Makes the kubelet with these options, before its first use. */
  kubeletWith(options: Partial<FakeKubeletOptions>): FakeKubelet {
    this.#mustGoOn();
    const { dir, podresources } = this.place;
    const isAsked = isGiven('podresources', this.#subject);
    const pods = isAsked ? { podResourcesDir: dirname(podresources) } : {};
    const kubelet = new FakeKubelet({ dir, profile: this.#profile, ...pods, ...options });
    kubelet.subscribe((event) => this.events.push({ event, atMs: performance.now() }));
    this.#kubelet = kubelet;
    return kubelet;
  }

  /** Moves the plugin directory to another place below the temporary one. */
  moveDir(name: string): void {
    this.place = { ...this.place, dir: join(this.#root, name) };
  }

  /** Gives `{port}` a number, before the plugin is started. @throws Skipped when neither the command nor a variable has it. */
  async openPort(): Promise<string> {
    if (!isGiven('port', this.#subject))
      throw new Skipped('needs {port} where the plugin is told the port of its metrics');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    await new Promise((resolve) => server.close(resolve));
    this.place = { ...this.place, port };
    return port;
  }

  /** Makes the inventory. */
  async prepare(fill = this.#subject.hooks?.prepare): Promise<void> {
    this.#mustGoOn();
    await mkdir(this.place.prefix, { recursive: true });
    await fill?.(this.place);
  }

  /** Starts the plugin, by another command if one is given. */
  launch(command: readonly string[] = this.#subject.command): PluginProcess {
    this.#mustGoOn();
    const plugin = new PluginProcess(commandAt(command, this.place), envAt(this.#subject.env, this.place));
    this.#plugins.push(plugin);
    this.deed = 'started the plugin';
    return plugin;
  }

  /** Kills the plugin, which leaves its socket where it is. */
  async crash(): Promise<void> {
    this.deed = 'killed the plugin by SIGKILL';
    this.plugin.kill('SIGKILL');
    await this.plugin.exited;
  }

  /** Kills the plugin, removes its sockets as a starting kubelet does, and starts it again. */
  async relaunch(): Promise<void> {
    await this.crash();
    for (const name of this.sockets) rmSync(join(this.place.dir, name), { force: true });
    this.launch();
    this.deed = 'killed the plugin by SIGKILL and started it again';
  }

  /** Sends a signal to the plugin. */
  send(signal: 'SIGTERM' | 'SIGINT'): void {
    this.deed = `sent ${signal}`;
    this.plugin.kill(signal);
  }

  /** Deletes the socket of the plugin. */
  deleteSocket(): void {
    const { socketPath } = this;
    this.deed = 'deleted the socket of the plugin';
    rmSync(socketPath);
  }

  /** Ends the streams of the kubelet to the resource. */
  cutStreams(kind: 'cancel' | 'reset'): void {
    this.deed = kind === 'cancel' ? 'cancelled the stream of the kubelet' : 'reset the connection of the kubelet';
    this.kubelet.cutStreams(this.resource, kind);
  }

  /** Restarts the kubelet; its streams end. */
  async restart(...args: Parameters<FakeKubelet['restart']>): Promise<void> {
    this.deed = `restarted the kubelet (${args[0]})`;
    await this.kubelet.restart(...args);
  }

  /** Inventory, kubelet, plugin; resolves when the resource is listed. */
  async begin(command?: readonly string[]): Promise<ResourceView> {
    await this.prepare();
    await this.kubelet.start();
    this.launch(command);
    const startMs = performance.now();
    const view = await this.live();
    this.#timing.longestStartMs = Math.max(this.#timing.longestStartMs, performance.now() - startMs);
    this.deed = undefined;
    return view;
  }

  /** Waits until the resource is connected and listed, after at least so many registrations in all. */
  async live(registrations = 1, timeoutMs = this.#budgets.registerMs): Promise<ResourceView> {
    await this.until(
      () => {
        const { view, plugin } = this;
        if (plugin.exit !== undefined) throw new ClauseFailure(`the plugin ${plugin.told}`);
        return view?.state === 'connected' && view.registrations >= registrations && this.isListed();
      },
      timeoutMs,
      () =>
        `${this.resource} to be connected and listed, with at least ${counted(registrations, 'registration')}; it is ${this.#told()}`,
    );
    return this.view ?? unreachable();
  }

  /** Waits so long that a plugin that has just been launched runs, and has had the time to do something wrong. */
  async settle(): Promise<void> {
    await this.pause(this.#timing.longestStartMs * 2);
    const { plugin } = this;
    // On a busy machine it may still be at its start.
    for (let before = 0, look = 0; look < 20 && (plugin.cpuMs ?? 0) - before > restingMs; look++) {
      before = plugin.cpuMs ?? 0;
      await this.pause(250);
    }
  }

  async caller(timeoutMs = this.#budgets.callMs): Promise<PluginCaller> {
    return await PluginCaller.open(this.socketPath, timeoutMs, this.#signal);
  }

  /** Sockets of plugins in the directory, without kubelet.sock. */
  get sockets(): string[] {
    const entries = readdirSync(this.place.dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isSocket() && entry.name !== kubeletSocketName).map(({ name }) => name);
  }

  /** @throws ClauseFailure when the plugin has exited or does not answer. */
  async expectAlive(): Promise<void> {
    this.expectRunning();
    using caller = await this.caller();
    await caller.options();
  }

  /** @throws ClauseFailure when the plugin has exited. */
  expectRunning(): void {
    const { plugin } = this;
    if (plugin.exit !== undefined) throw new ClauseFailure(`the plugin ${plugin.told}`);
  }

  /** Waits until it is so. @throws ClauseFailure with what was waited for when it takes longer, or the plugin has exited. */
  async until(isSo: () => boolean, timeoutMs: number, what: () => string): Promise<void> {
    const startMs = performance.now();
    let limitMs = timeoutMs;
    while (!isSo()) {
      const waitedMs = performance.now() - startMs;
      const isDead = this.#plugins.at(-1)?.exit !== undefined;
      // What a process does at its end may take a moment to show; after that nothing comes.
      if (isDead) limitMs = Math.min(limitMs, waitedMs + afterExitMs);
      if (waitedMs > limitMs) {
        const end = isDead ? `; the plugin ${this.plugin.told}` : '';
        throw new ClauseFailure(`waited ${seconds(waitedMs)} for ${what()}${end}`);
      }
      await delay(pollMs, undefined, { signal: this.#signal });
    }
  }

  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#signal });
  }

  /** Ends the processes, the kubelet, and removes the directory. */
  /** A clause that is given up does not notice, and goes on behind whatever it waits for. */
  #mustGoOn(): void {
    if (this.#isOver) throw new Error('the clause was given up');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const plugin of this.#plugins) if (plugin.exit === undefined) plugin.kill('SIGKILL');
    await Promise.all(this.#plugins.map(({ exited }) => exited));
    await this.#kubelet?.[Symbol.asyncDispose]();
    // A process that the plugin left behind may still write there.
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 100, retryDelay: 1 });
  }

  #told(): string {
    const { view } = this;
    const failed = this.eventsOf('registrationFailed').at(-1);
    const ended = view?.state === 'connected' ? undefined : this.eventsOf('streamEnded').at(-1)?.error;
    return [
      view === undefined ? 'not registered' : `${view.state} after ${counted(view.registrations, 'registration')}`,
      ...(failed === undefined ? [] : [`the last failed: ${failed.message}`]),
      ...(ended === undefined ? [] : [`its stream ended: ${ended.message}`]),
    ].join(', ');
  }
}

const pollMs = 10;
const afterExitMs = 2_000;
/** Processor time in a quarter of a second of a process that waits. */
const restingMs = 30;

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}

function unreachable(): never {
  throw new Error('unreachable');
}
