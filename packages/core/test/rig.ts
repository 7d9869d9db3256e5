// SPDX-License-Identifier: Apache-2.0
import { FakeKubelet, type FakeKubeletOptions, type KubeletEvent } from '@kube-device-plugins/testkit';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DevicePlugin, Notifier } from '../src/device-plugin.ts';
import type { DeviceTree } from '../src/device-tree.ts';
import { Manager, type ManagerDeps } from '../src/manage/manager.ts';
import { aborted } from '../src/serve/abortable.ts';
import { CapturedLog } from './captured-log.ts';
import { treeOf } from './devices.ts';
import { PluginClient } from './plugin-client.ts';
import { TempDir } from './temp-dir.ts';

export const namespace = 'color.example.com';
export const red = `${namespace}/red`;
export const blue = `${namespace}/blue`;

/** A plugin that finds what a test says. */
export class TreePlugin implements DevicePlugin {
  #tree: DeviceTree;
  #notifier: Notifier | undefined;

  constructor(tree: DeviceTree = treeOf({ red: ['a', 'b'] })) {
    this.#tree = tree;
  }

  find(resources: Readonly<Record<string, readonly string[]>>): void {
    this.findTree(treeOf(resources));
  }

  findTree(tree: DeviceTree): void {
    this.#tree = tree;
    this.#notifier?.notify(tree);
  }

  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    this.#notifier = notifier;
    notifier.notify(this.#tree);
    await aborted(signal);
  }
}

/** A manager that runs until it is stopped or the test ends. */
export class Running {
  readonly plugin: DevicePlugin;
  readonly finished: Promise<void>;
  readonly #controller = new AbortController();

  constructor(plugin: DevicePlugin, manager: { run(signal: AbortSignal): Promise<void> }) {
    this.plugin = plugin;
    this.finished = manager.run(this.#controller.signal);
    this.finished.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#controller.abort();
    await this.finished;
  }

  /** Stops, whatever became of it. */
  async end(): Promise<void> {
    this.#controller.abort();
    await this.finished.catch(() => undefined);
  }
}

/** A plugin directory, a kubelet that may run in it, and managers; all is gone at the end of the test. */
export class Rig implements AsyncDisposable {
  readonly temp: TempDir;
  readonly kubelet: FakeKubelet;
  readonly log = new CapturedLog();
  readonly #running: Running[] = [];
  readonly #clients: PluginClient[] = [];

  private constructor(temp: TempDir, options: Partial<FakeKubeletOptions>) {
    this.temp = temp;
    this.kubelet = new FakeKubelet({ dir: this.dir, ...options });
  }

  /** With a plugin directory and no kubelet yet. */
  static async create(options: Partial<FakeKubeletOptions> = {}): Promise<Rig> {
    const rig = new Rig(await TempDir.create(), options);
    mkdirSync(rig.dir);
    return rig;
  }

  static async withKubelet(options: Partial<FakeKubeletOptions> = {}): Promise<Rig> {
    const rig = await Rig.create(options);
    await rig.kubelet.start();
    return rig;
  }

  get dir(): string {
    return this.temp.join('dp');
  }

  run<Plugin extends DevicePlugin>(plugin: Plugin, deps: ManagerDeps = {}): Running & { readonly plugin: Plugin } {
    const manager = new Manager(namespace, plugin, {
      devicePluginPath: this.dir,
      cdiDir: this.temp.join('cdi'),
      ...deps,
    });
    return this.track(new Running(plugin, manager)) as Running & { readonly plugin: Plugin };
  }

  track(running: Running): Running {
    this.#running.push(running);
    return running;
  }

  /** The sockets of plugins, and anything else that lies in their directory and is not the kubelet's, sorted. */
  files(dir = this.dir): string[] {
    return readdirSync(dir)
      .filter((name) => !name.startsWith('kubelet'))
      .toSorted();
  }

  /** The sockets that are ready; until then they have a hidden name. */
  sockets(): string[] {
    return this.files().filter((name) => !name.startsWith('.'));
  }

  /** The path of the one socket of this resource. */
  socketOf(resource: string): string {
    const [name, ...more] = this.sockets().filter((file) => file.startsWith(resource.replace('/', '-')));
    if (name === undefined || more.length > 0)
      throw new Error(`not one socket of ${resource}: ${this.files().join(' ')}`);
    return join(this.dir, name);
  }

  client(socketPath: string): PluginClient {
    const client = new PluginClient(socketPath);
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const running of this.#running) await running.end();
    await this.kubelet.stop();
    await this.temp[Symbol.asyncDispose]();
    this.log[Symbol.dispose]();
  }
}

/** A client of the red resource, once it is registered. */
export async function redClient(rig: Rig): Promise<PluginClient> {
  await rig.kubelet.waitFor((kubelet) => kubelet.resources().get(red)?.isReported === true);
  return rig.client(rig.socketOf(red));
}

/** The ids of each list that the kubelet got of this resource. */
export function listsOf(events: readonly KubeletEvent[], resource: string): string[][] {
  return events.flatMap((event) =>
    event.type === 'listed' && event.resource === resource ? [event.devices.map(({ ID }) => ID)] : [],
  );
}

/** What keeps this process busy: sockets, servers, timers. */
export function handles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter(
      (name) =>
        name.startsWith('Pipe') || name.startsWith('FSEvent') || name === 'TCPServerWrap' || name === 'TCPSocketWrap',
    )
    .toSorted();
}
