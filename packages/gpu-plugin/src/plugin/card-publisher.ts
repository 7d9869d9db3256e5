// SPDX-License-Identifier: Apache-2.0
import type { DeviceInfo, DeviceTree, Host } from '@kube-device-plugins/core';
import { gpuDeviceTree } from '../device-tree.ts';
import { cardDevice, type CardHealth } from '../device-tree/card-device.ts';
import type { GpuOptions } from '../options.ts';
import type { GpuCard } from '../sysfs/gpu-card.ts';

/** What the tree is made of. */
export interface PublishedCards {
  readonly cards: readonly GpuCard[];
  /** By the name of the card; one that nobody judges is healthy. */
  readonly healths: ReadonlyMap<string, CardHealth>;
  /** Whether there is a /dev/dri/by-path. */
  readonly hasByPath: boolean;
}

const healthy: CardHealth = { health: 'Healthy' };

/**
 * Makes the tree of one scan from that of the scan before: the same object when nothing has changed, and else with the same content
 * for all cards of which nothing has. So the core sees at a glance what there is to do, with 12,800 ids too.
 */
export class CardPublisher {
  readonly #host: Host;
  readonly #options: GpuOptions;
  /** Resources stay registered, with no devices, when the last of their cards is gone. */
  readonly #resources = new Set<string>();
  #contents = new WeakMap<GpuCard, { readonly id: string; readonly content: Omit<DeviceInfo, 'health'> }>();
  #infos = new WeakMap<object, DeviceInfo>();
  #last: { readonly published: PublishedCards; readonly tree: DeviceTree } | undefined;

  constructor(host: Host, options: GpuOptions) {
    this.#host = host;
    this.#options = options;
  }

  treeOf(published: PublishedCards): DeviceTree {
    if (this.#last !== undefined && isSame(this.#last.published, published)) return this.#last.tree;
    if (this.#last?.published.hasByPath !== published.hasByPath) this.#contents = new WeakMap();
    const tree = gpuDeviceTree(
      published.cards,
      (card, id) => this.#infoOf(card, id, published),
      this.#options,
      this.#resources,
      (path) => this.#host.path(path),
    );
    for (const resource of tree.resources.keys()) this.#resources.add(resource);
    this.#last = { published, tree };
    return tree;
  }

  #infoOf(card: GpuCard, id: string, { healths, hasByPath }: PublishedCards): DeviceInfo {
    const content = this.#contentOf(card, id, hasByPath);
    const health = healths.get(card.name) ?? healthy;
    const before = this.#infos.get(content);
    if (before !== undefined && isSameHealth(before, health)) return before;
    const { healthReason } = health;
    const info = { health: health.health, ...(healthReason === undefined ? {} : { healthReason }), ...content };
    this.#infos.set(content, info);
    return info;
  }

  #contentOf(card: GpuCard, id: string, hasByPath: boolean): Omit<DeviceInfo, 'health'> {
    const before = this.#contents.get(card);
    if (before?.id === id) return before.content;
    const { byPath } = this.#options;
    const content = cardDevice(card, id, { byPath, hasByPath, onHost: (path) => this.#host.path(path) });
    this.#contents.set(card, { id, content });
    return content;
  }
}

function isSame(before: PublishedCards, now: PublishedCards): boolean {
  return (
    before.hasByPath === now.hasByPath &&
    before.cards.length === now.cards.length &&
    before.cards.every((card, i) => card === now.cards[i]) &&
    now.cards.every(({ name }) => isSameHealth(before.healths.get(name) ?? healthy, now.healths.get(name) ?? healthy))
  );
}

function isSameHealth(a: CardHealth, b: CardHealth): boolean {
  return a.health === b.health && a.healthReason === b.healthReason;
}
