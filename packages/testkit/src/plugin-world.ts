// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet } from './fake-kubelet.ts';
import { type FixtureTree, hostFixture, type HostFixture } from './host-fixture.ts';
import { RunningPlugin } from './running-plugin.ts';

/** A kubelet, a host without hardware, and the plugins between them, which have the flags of the core. */
export class PluginWorld {
  readonly #command: readonly [string, ...string[]];
  readonly #scanPeriod: string;
  #begun: Parts | undefined;
  #plugins: RunningPlugin[] = [];

  /**
   * @param command - of the plugin: `[process.execPath, 'src/main.ts']`.
   * @param scanPeriod - what `-scan-period` takes. With the default nothing is seen but by its event.
   */
  constructor(command: readonly [string, ...string[]], scanPeriod = '1h') {
    this.#command = command;
    this.#scanPeriod = scanPeriod;
  }

  /** A directory for the files of a test. In it: `plugins`, where the kubelet is, and `cdi`. */
  get directory(): string {
    return this.#parts.directory;
  }

  get kubelet(): FakeKubelet {
    return this.#parts.kubelet;
  }

  /** What the plugins see as /sys and /dev. */
  get host(): HostFixture {
    return this.#parts.host;
  }

  async begin(): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    const kubelet = new FakeKubelet({ dir: join(directory, 'plugins') });
    this.#begun = { directory, host: await hostFixture({}), kubelet };
    await kubelet.start();
  }

  /** Stops the plugins and the kubelet, and removes all files. */
  async end(): Promise<void> {
    const { directory, host, kubelet } = this.#parts;
    await Promise.all(this.#plugins.map((plugin) => plugin.stop()));
    this.#plugins = [];
    await kubelet.stop();
    await host.dispose();
    await rm(directory, { recursive: true });
  }

  /** Starts one more plugin, on a host that has this besides. */
  async start(
    flags: readonly string[] = [],
    tree: FixtureTree = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningPlugin> {
    await this.host.add(tree);
    return this.launch(flags, env);
  }

  /** Starts one more plugin, with these flags besides. */
  launch(flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}): RunningPlugin {
    const where = ['-device-plugin-path', join(this.directory, 'plugins'), '-cdi-dir', join(this.directory, 'cdi')];
    const how = ['-prefix', this.host.root, '-scan-period', this.#scanPeriod, '-metrics-bind-address', '0'];
    const plugin = new RunningPlugin([...this.#command, ...where, ...how, ...flags], env);
    this.#plugins.push(plugin);
    return plugin;
  }

  get #parts(): Parts {
    if (this.#begun === undefined) throw new Error('the world has not begun');
    return this.#begun;
  }
}

interface Parts {
  readonly directory: string;
  readonly host: HostFixture;
  readonly kubelet: FakeKubelet;
}
