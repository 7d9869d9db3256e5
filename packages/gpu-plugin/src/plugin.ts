// SPDX-License-Identifier: Apache-2.0
import {
  DeviceTree,
  log,
  rescan,
  type DevicePlugin,
  type Host,
  type Notifier,
  type PluginDefinition,
  type PreferredAllocationRequest,
  type PreferredAllocationResponse,
} from '@kube-device-plugins/core';
import { preferredIds } from './allocation-policy.ts';
import { acceptedCards, namelessNotes } from './device-tree/accepted-cards.ts';
import type { CardHealth } from './device-tree/card-device.ts';
import { HealthJudge } from './device-tree/health-judge.ts';
import { gpuFlags, isByPathMode, namespace, parseGpuOptions, type GpuOptions } from './options.ts';
import { CardPublisher } from './plugin/card-publisher.ts';
import { NoteLog } from './plugin/note-log.ts';
import { scanWsl } from './plugin/wsl-scan.ts';
import { noInventory, readGpuInventory, watchedDirectories, type GpuInventory } from './sysfs.ts';
import { createHealthSource } from './sysfs/create-health-source.ts';
import type { GpuCard } from './sysfs/gpu-card.ts';
import type { HealthSource } from './sysfs/health-source.ts';
import type { CardWish } from './sysfs/read-card.ts';

export { hostPaths } from './sysfs.ts';

/** What runPlugin() is told. */
export const definition = {
  name: 'gpu-plugin',
  namespace,
  flags: gpuFlags,
  check: parseGpuOptions,
  create: (flags, host) => {
    const options = parseGpuOptions(flags);
    if (!isByPathMode(flags.bypath)) log.warn('unknown -bypath is taken for single', { bypath: flags.bypath });
    return new GpuPlugin(host, options);
  },
  doctor: async () => (await import('./plugin/doctor.ts')).checks,
} satisfies PluginDefinition<typeof gpuFlags>;

/**
 * Publishes the Intel GPUs of a node, shared by as many containers as wanted, with their health.
 *
 * A card whose node comes or goes is seen at once through inotify(7) on /dev/dri; what changes only in sysfs, which raises no events,
 * at the next scan. What a container gets is all in the device tree, so the default allocation of the core serves.
 */
export class GpuPlugin implements DevicePlugin {
  readonly #host: Host;
  readonly #options: GpuOptions;
  readonly #wish: CardWish;
  readonly #source: HealthSource | undefined;
  readonly #judge: HealthJudge;
  readonly #publisher: CardPublisher;
  readonly #notes = new NoteLog();
  #inventory: GpuInventory | undefined;

  constructor(host: Host, options: GpuOptions) {
    this.#host = host;
    this.#options = options;
    this.#wish = { byPath: options.byPath, withMei: options.monitoring !== 'none' };
    this.#source = createHealthSource(options.health, host);
    this.#judge = new HealthJudge(options.health);
    this.#publisher = new CardPublisher(host, options);
  }

  /** Resolves once `signal` aborts. */
  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    if (this.#options.isWsl) await scanWsl(this.#host, this.#options, notifier, signal);
    else await Promise.all([this.#scanCards(notifier, signal), this.#source?.follow?.(signal)]);
  }

  getPreferredAllocation({ containerRequests }: PreferredAllocationRequest): Promise<PreferredAllocationResponse> {
    const containerResponses = containerRequests.map((request) => ({
      deviceIDs: preferredIds(this.#options.allocationPolicy, {
        available: request.availableDeviceIDs,
        mustInclude: request.mustIncludeDeviceIDs,
        size: request.allocationSize,
      }),
    }));
    return Promise.resolve({ containerResponses });
  }

  async #scanCards(notifier: Notifier, signal: AbortSignal): Promise<void> {
    const watch = watchedDirectories(this.#wish).map((directory) => this.#host.path(directory));
    await rescan({ everyMs: this.#options.scanPeriodMs, watch }, signal, async () => {
      const { cards, notes, hasByPath } = await this.#readInventory(notifier);
      const { accepted, notes: refusals } = acceptedCards(cards, this.#options.deviceIds);
      const healths = await this.#readHealth(accepted, signal);
      if (signal.aborted) return;
      const nameless = namelessNotes(accepted, this.#options.resourceRules);
      this.#notes.tell([...notes, ...refusals, ...nameless], accepted.length - nameless.length);
      notifier.notify(this.#publisher.treeOf({ cards: accepted, healths, hasByPath }));
    });
  }

  /** When nobody can tell which cards there are, those of the scan before stay; before the first scan there are none. */
  async #readInventory(notifier: Notifier): Promise<GpuInventory> {
    try {
      this.#inventory = await readGpuInventory(this.#host, this.#wish, this.#inventory);
      return this.#inventory;
    } catch (error) {
      if (this.#inventory === undefined) notifier.notify(new DeviceTree());
      this.#inventory ??= noInventory;
      throw error;
    }
  }

  async #readHealth(cards: readonly GpuCard[], signal: AbortSignal): Promise<ReadonlyMap<string, CardHealth>> {
    if (this.#source === undefined) return new Map();
    return this.#judge.judge(await this.#source.read(cards, signal), cards);
  }
}
