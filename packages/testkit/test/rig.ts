// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet, type FakeKubeletOptions, type KubeletEvent } from '../src/index.ts';
import { devices, ScriptedPlugin, type Script } from './scripted-plugin.ts';

export const red = 'color.example.com/red';
export const blue = 'color.example.com/blue';

/** A kubelet in a directory of its own, and plugins for it; everything is gone at the end of the test. */
export class Rig implements AsyncDisposable {
  readonly dir: string;
  readonly kubelet: FakeKubelet;
  readonly events: KubeletEvent[] = [];
  readonly #plugins: ScriptedPlugin[] = [];

  private constructor(dir: string, options: Partial<FakeKubeletOptions>) {
    this.dir = dir;
    this.kubelet = new FakeKubelet({ dir, ...options });
    this.kubelet.subscribe((event) => this.events.push(event));
  }

  /** A kubelet with these options, made from the rig's directory. */
  static async with(options: (dir: string) => Partial<FakeKubeletOptions>): Promise<Rig> {
    const dir = await mkdtemp(join(tmpdir(), 'kdp-'));
    const rig = new Rig(dir, options(dir));
    await rig.kubelet.start();
    return rig;
  }

  static async create(options: Partial<FakeKubeletOptions> = {}): Promise<Rig> {
    return await Rig.with(() => options);
  }

  /** A plugin that serves but has not registered. */
  async plugin(script: Partial<Script> = {}): Promise<ScriptedPlugin> {
    const plugin = new ScriptedPlugin({ dir: this.dir, resource: red, ...script });
    this.#plugins.push(plugin);
    return await plugin.serve();
  }

  /** A registered plugin whose devices the kubelet has seen. */
  async registered(ids: readonly string[], script: Partial<Script> = {}): Promise<ScriptedPlugin> {
    const plugin = await this.plugin(script);
    plugin.list(devices(...ids));
    await plugin.register();
    await this.kubelet.waitFor({ resource: plugin.script.resource, devices: ids.length, state: 'connected' });
    return plugin;
  }

  eventTypes(): string[] {
    return this.events.map(({ type }) => type);
  }

  methods(): string[] {
    return this.kubelet.calls.map(({ method }) => method);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kubelet.stop();
    for (const plugin of this.#plugins) plugin.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
