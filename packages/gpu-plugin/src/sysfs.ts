// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf, type Host } from '@kube-device-plugins/core';
import { byPathDirectory, readByPathNames } from './sysfs/by-path.ts';
import type { GpuCard } from './sysfs/gpu-card.ts';
import { readCard, type CardNote, type CardWish } from './sysfs/read-card.ts';
import { placeCard } from './sysfs/place-card.ts';

/**
 * The directories of the host that have to be mounted where the plugin runs: all of /dev, for /dev/dri comes and goes with the cards,
 * and a mount of a directory that was removed stays empty for ever. /sys is in every container.
 */
export const hostPaths = ['/dev'];

/** Where the kernel makes the device nodes of cards. */
const deviceDirectory = '/dev/dri';

const drmDirectory = '/sys/class/drm';

/** What was found at one moment. */
export interface GpuInventory {
  /** In the order of their numbers. */
  readonly cards: readonly GpuCard[];
  /** What there is to say about single cards, and by the name of a directory about it. */
  readonly notes: readonly CardNote[];
  /** Those of them whose place in the machine could not be read; it is tried again. */
  readonly unplaced: ReadonlySet<GpuCard>;
  /** Whether there is a /dev/dri/by-path to mount as a whole. */
  readonly hasByPath: boolean;
}

/** Nothing at all, from where a series of scans begins. */
export const noInventory: GpuInventory = { cards: [], notes: [], unplaced: new Set(), hasByPath: false };

/**
 * Reads all Intel cards of the host that are fit for containers. One that cannot be read is left out with a note, and hides no other.
 *
 * @param last - the scan before: a card that is as it was is the same object again, and its place in the machine is not looked up anew.
 * @throws DevicePluginError `HOST_UNREADABLE` when nobody can tell which cards there are.
 *
 * Kernel ABI: Documentation/ABI/stable/sysfs-class-drm is only about controls; the layout is that of drivers/gpu/drm/drm_sysfs.c.
 */
export async function readGpuInventory(
  host: Host,
  wish: CardWish,
  last: GpuInventory = noInventory,
): Promise<GpuInventory> {
  const entries = await host.list(drmDirectory);
  const notes: CardNote[] = [];
  if (entries.length === 0 && !(await host.exists(drmDirectory)))
    notes.push({
      about: drmDirectory,
      reason: 'it does not exist: no driver of the kernel has a card',
      kind: 'trouble',
    });
  const byPathNames = wish.byPath === 'none' ? undefined : await readByPathNames(host, notes);
  const known = new Map(last.cards.map((card) => [card.name, card]));
  const cards: GpuCard[] = [];
  const unplaced = new Set<GpuCard>();
  for (const name of entries.filter(isCardName).sort(byNumber)) {
    try {
      const found = await readCard(host, name, wish, byPathNames, notes);
      if (found === undefined) continue;
      const before = known.get(name);
      const { card, problem } = await placeCard(
        host,
        found,
        before && { card: before, isPlaced: !last.unplaced.has(before) },
      );
      cards.push(card);
      if (problem === undefined) continue;
      unplaced.add(card);
      notes.push({ about: name, reason: `it has no known NUMA node: ${problem}`, kind: 'trouble' });
    } catch (error) {
      if (!(error instanceof DevicePluginError)) throw error;
      notes.push({ about: name, reason: messageOf(error), kind: 'trouble', isLeftOut: true });
    }
  }
  return { cards, notes, unplaced, hasByPath: byPathNames !== undefined };
}

/** The directories in which a card or a link to it comes and goes. */
export function watchedDirectories({ byPath }: CardWish): readonly string[] {
  return byPath === 'none' ? [deviceDirectory] : [deviceDirectory, byPathDirectory];
}

/** Connectors are `card0-DP-1`. */
function isCardName(name: string): boolean {
  return /^card\d+$/.test(name);
}

function byNumber(a: string, b: string): number {
  return Number(a.slice('card'.length)) - Number(b.slice('card'.length));
}
