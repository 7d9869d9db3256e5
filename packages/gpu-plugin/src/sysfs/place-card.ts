// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { messageOf, readTopology, type Host } from '@kube-device-plugins/core';
import type { GpuCard } from './gpu-card.ts';
import type { UnplacedCard } from './read-card.ts';

/** A card with its place in the machine, or with why that cannot be read: it is as good as any other, except to the topology manager. */
export interface PlacedCard {
  readonly card: GpuCard;
  readonly problem?: string;
}

/**
 * Looks up the place of a card, unless the scan before has found it: cards do not move.
 * The card is the very object of that scan while nothing about it has changed, so that whoever builds on it sees at a glance
 * that there is nothing to do.
 */
export async function placeCard(
  host: Host,
  found: UnplacedCard,
  last: { readonly card: GpuCard; readonly isPlaced: boolean } | undefined,
): Promise<PlacedCard> {
  const isSamePlace =
    last?.isPlaced === true && last.card.bdf === found.bdf && isDeepStrictEqual(last.card.nodes, found.nodes);
  const { topology, problem } = isSamePlace ? { topology: last.card.topology } : await readPlace(host, found);
  const card = topology === undefined ? found : { ...found, topology };
  return {
    card: last !== undefined && isDeepStrictEqual(last.card, card) ? last.card : card,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** One node tells: all nodes of a card belong to one device. */
async function readPlace(
  host: Host,
  { nodes }: UnplacedCard,
): Promise<Pick<GpuCard, 'topology'> & { readonly problem?: string }> {
  try {
    const topology = await readTopology(host, nodes.slice(0, 1));
    return topology === undefined ? {} : { topology };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
