// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Cluster, PodOutput } from './cluster.ts';
import { kubectl } from './kubectl.ts';
import { hardwareRoot, overlay } from './overlay.ts';
import type { PluginUnderTest } from './plugin-under-test.ts';
import { parsePodOutput, podManifest } from './pod.ts';
import type { Settings } from './settings.ts';

/** How long a rollout, a pod or a deletion may take, images included that have to be pulled. */
const timeout = '180s';

/** The cluster that KUBECONFIG leads to, in a namespace of its own that is removed at the end. */
export class KubeCluster implements Cluster {
  readonly description: string;
  readonly patienceMs = 60_000;
  readonly #subject: PluginUnderTest;
  readonly #settings: Settings;
  readonly #namespace: string;
  #directory: string | undefined;

  constructor(subject: PluginUnderTest, settings: Settings) {
    this.#subject = subject;
    this.#settings = settings;
    this.#namespace = `kdp-e2e-${subject.plugin}`;
    this.description = `the cluster of KUBECONFIG, image ${settings.image.newName}:${settings.image.newTag}`;
  }

  async deploy(): Promise<void> {
    this.#directory = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
    const script = join(import.meta.dirname, '../scripts/null-nodes.sh');
    const files = overlay(this.#subject, {
      ...this.#settings,
      namespace: this.#namespace,
      base: relative(this.#directory, join(this.#settings.root, 'deployments', this.#subject.plugin)),
      nullNodesScript: await readFile(script, 'utf8'),
    });
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.#directory, name), text);
    await kubectl(['apply', '-k', this.#directory]);
    await this.#rolledOut();
  }

  async allocatable(resource: string): Promise<number> {
    const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as Nodes;
    return Math.max(0, ...items.map(({ status }) => Number(status.allocatable?.[resource] ?? 0)));
  }

  async runPod(name: string, limits: Readonly<Record<string, number>>): Promise<PodOutput> {
    const root = hardwareRoot(this.#subject.plugin);
    const manifest = podManifest({ name, limits, image: this.#settings.toolsImage, directories: ['/dev', root] });
    await kubectl(this.#inNamespace('apply', '-f', '-'), JSON.stringify(manifest));
    const ended = ['--for=jsonpath={.status.phase}=Succeeded', `--timeout=${timeout}`];
    await this.#explained(`pod ${name}`, kubectl(this.#inNamespace('wait', `pod/${name}`, ...ended)));
    const output = await kubectl(this.#inNamespace('logs', `pod/${name}`));
    await kubectl(this.#inNamespace('delete', `pod/${name}`));
    return parsePodOutput(output, root);
  }

  async restartPlugin(): Promise<void> {
    for (const name of await this.#daemonSets()) await kubectl(this.#inNamespace('rollout', 'restart', name));
    await this.#rolledOut();
  }

  async remove(): Promise<void> {
    if (this.#directory === undefined) return;
    await kubectl(['delete', '-k', this.#directory, '--ignore-not-found', `--timeout=${timeout}`]);
  }

  async close(): Promise<void> {
    await this.remove();
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true });
    this.#directory = undefined;
  }

  async #rolledOut(): Promise<void> {
    for (const name of await this.#daemonSets()) {
      const ready = kubectl(this.#inNamespace('rollout', 'status', name, `--timeout=${timeout}`));
      await this.#explained(name, ready);
    }
  }

  async #daemonSets(): Promise<string[]> {
    const names = await kubectl(this.#inNamespace('get', 'daemonsets', '-o', 'name'));
    return names.split('\n').filter((name) => name !== '');
  }

  /** What a pod or DaemonSet says of itself is in the error, for the namespace will be gone. */
  async #explained(name: string, done: Promise<unknown>): Promise<void> {
    try {
      await done;
    } catch (error) {
      const pods = await kubectl(this.#inNamespace('describe', 'pods')).catch(String);
      const events = await kubectl(this.#inNamespace('get', 'events', '--sort-by=.lastTimestamp')).catch(String);
      throw new Error(`${name} did not come to its end\n${pods}\n${events}`, { cause: error });
    }
  }

  #inNamespace(...args: string[]): string[] {
    return ['--namespace', this.#namespace, ...args];
  }
}

interface Nodes {
  readonly items: readonly { readonly status: { readonly allocatable?: Readonly<Record<string, string>> } }[];
}
