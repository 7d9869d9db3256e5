// SPDX-License-Identifier: Apache-2.0
import { DeviceTree, type DeviceInfo } from '@kube-device-plugins/core';
import { cardIds, shareIds } from './device-tree/device-id.ts';
import { monitoringDevices } from './device-tree/monitoring.ts';
import { resourceOf } from './options/resource-template.ts';
import type { GpuOptions } from './options.ts';
import { cardTraits } from './device-tree/card-traits.ts';
import type { GpuCard } from './sysfs/gpu-card.ts';

/**
 * Publishes each card under its resource, with as many ids as containers may share it, and what monitoring needs.
 *
 * @param cards - those that may be published, see `acceptedCards`.
 * @param infoOf - what a card gives. All shares of a card are one object, for there may be 12,800 of them.
 * @param resources - that stay registered even without devices: a card that was unplugged may come back.
 * @param onHost - where a path of the host lies, see `-prefix`.
 */
export function gpuDeviceTree(
  cards: readonly GpuCard[],
  infoOf: (card: GpuCard, id: string) => DeviceInfo,
  options: Pick<GpuOptions, 'shareCount' | 'idStyle' | 'resourceRules' | 'monitoring'>,
  resources: Iterable<string>,
  onHost: (path: string) => string,
): DeviceTree {
  const tree = new DeviceTree();
  for (const resource of resources) tree.addResource(resource);
  const ids = cardIds(cards, options.idStyle);
  for (const card of cards) {
    const resource = resourceOf(cardTraits(card), options.resourceRules);
    const id = ids.get(card);
    if (resource === undefined || id === undefined) continue;
    const info = infoOf(card, id);
    for (const shareId of shareIds(id, options.shareCount)) tree.addDevice(resource, shareId, info);
  }
  for (const [resource, info] of monitoringDevices(cards, options.monitoring, onHost))
    tree.addDevice(resource, 'all', info);
  return tree;
}
