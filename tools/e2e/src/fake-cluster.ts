// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostFixture } from '@kube-device-plugins/testkit';
import { FakeKubelet, hostFixture, RunningPlugin } from '@kube-device-plugins/testkit';
import type { Cluster, PodOutput } from './cluster.ts';
import type { PluginUnderTest } from './plugin-under-test.ts';
import { withFiles } from './plugin-under-test.ts';
import { withoutRoot } from './pod.ts';
import { BundlePrograms, ImagePrograms, type Programs } from './programs.ts';
import type { Settings } from './settings.ts';

/** A kubelet of the test kit with the plugin as its bundle, or as its image where there is a program to run it. */
export class FakeCluster implements Cluster {
  readonly description: string;
  readonly patienceMs = 20_000;
  readonly #subject: PluginUnderTest;
  readonly #programs: Programs;
  #begun: Parts | undefined;

  constructor(subject: PluginUnderTest, settings: Settings) {
    this.#subject = subject;
    this.#programs =
      settings.engine === undefined
        ? new BundlePrograms(join(settings.root, 'dist', subject.plugin))
        : new ImagePrograms(settings.engine, settings);
    this.description = `the fake kubelet, ${this.#programs.description}`;
  }

  async deploy(): Promise<void> {
    const { hardware = {}, hardwareProgram, files = {} } = this.#subject;
    const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    for (const name of ['files', 'cdi']) await mkdir(join(directory, name));
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, 'files', name), text);
    const kubelet = new FakeKubelet({ dir: join(directory, 'plugins') });
    this.#begun = { directory, kubelet, host: await hostFixture(hardware), plugin: undefined, endedEarly: undefined };
    await kubelet.start();
    if (hardwareProgram !== undefined) {
      const args = withFiles(hardwareProgram.args, join(directory, 'files'));
      await this.#programs.make(hardwareProgram, args, { host: this.#parts.host.root, directory });
    }
    this.#start();
  }

  allocatable(resource: string): Promise<number> {
    const { kubelet, endedEarly } = this.#parts;
    if (endedEarly !== undefined) return Promise.reject(new Error(endedEarly));
    return Promise.resolve(kubelet.node().allocatable[resource] ?? 0);
  }

  async runPod(name: string, limits: Readonly<Record<string, number>>): Promise<PodOutput> {
    const { kubelet, host } = this.#parts;
    const { containers } = await kubelet.admit({ pod: name, containers: [{ name: 'main', limits }] });
    await kubelet.startContainer(name, 'main');
    kubelet.deletePod(name);
    const { devices, envs } = containers.main;
    return { devices: devices.map(({ containerPath }) => withoutRoot(containerPath, host.root)).sort(), env: envs };
  }

  async restartPlugin(): Promise<void> {
    const { kubelet } = this.#parts;
    const before = [...kubelet.resources().values()];
    await this.remove();
    this.#start();
    for (const { resource, registrations } of before) {
      await kubelet.waitFor(
        { resource, registrations: registrations + 1, state: 'connected' },
        { timeoutMs: this.patienceMs },
      );
    }
  }

  async remove(): Promise<void> {
    const { plugin } = this.#parts;
    this.#parts.plugin = undefined;
    if (plugin === undefined) return;
    const code = await plugin.stop();
    if (code !== 0) throw new Error(`the plugin ended with exit code ${code}: ${plugin.stderr}`);
  }

  async close(): Promise<void> {
    if (this.#begun === undefined) return;
    const { directory, kubelet, host, plugin } = this.#begun;
    this.#begun = undefined;
    await plugin?.stop();
    await kubelet.stop();
    await host.dispose();
    await rm(directory, { recursive: true });
  }

  #start(): void {
    const { directory, host } = this.#parts;
    const flags = withFiles(this.#subject.flags ?? [], join(directory, 'files'));
    const command = this.#programs.command(flags, { host: host.root, directory });
    const plugin = new RunningPlugin(command, this.#programs.env);
    this.#parts.plugin = plugin;
    this.#parts.endedEarly = undefined;
    void plugin.exited.then((code) => {
      if (this.#begun?.plugin !== plugin) return;
      this.#begun.endedEarly = `the plugin ended by itself with exit code ${code}: ${plugin.stderr}`;
    });
  }

  get #parts(): Parts {
    if (this.#begun === undefined) throw new Error('the plugin has not been deployed');
    return this.#begun;
  }
}

interface Parts {
  readonly directory: string;
  readonly kubelet: FakeKubelet;
  readonly host: HostFixture;
  plugin: RunningPlugin | undefined;
  /** Why there is no use in waiting any longer. */
  endedEarly: string | undefined;
}
