// SPDX-License-Identifier: Apache-2.0
import { dir, link, type FixtureEntry, type FixtureTree } from '@kube-device-plugins/testkit';

/** Cards below /sys/class/drm: file of a card → what lies there. Each card is Intel's and has a directory device/drm, unless it says otherwise. */
export function cards(tree: Readonly<Record<string, Readonly<Record<string, FixtureEntry>>>>): FixtureTree {
  const entries = Object.entries(tree).flatMap(([card, files]) => {
    const all = { 'device/vendor': '0x8086\n', [`device/drm/${card}`]: dir(), ...files };
    return Object.entries(all).map(([path, entry]) => [`sys/class/drm/${card}/${path}`, entry] as const);
  });
  return Object.fromEntries(entries);
}

/** `card0` to `card<count - 1>`, each with these files. */
export function manyCards(
  count: number,
  filesOf: (index: number) => Readonly<Record<string, FixtureEntry>>,
): FixtureTree {
  return cards(Object.fromEntries(Array.from({ length: count }, (_, index) => [`card${index}`, filesOf(index)])));
}

/** A card whose entry below /sys/class/drm is a link into /sys/devices, as the kernel has it. */
export function linkedCard(card: string, path: string): FixtureTree {
  const device = `sys/devices/${path}`;
  const [bdf = ''] = path.split('/').slice(-1);
  return {
    [`${device}/vendor`]: '0x8086\n',
    [`${device}/drm/${card}/device`]: link(`../../../${bdf}`),
    [`sys/class/drm/${card}`]: link(`../../devices/${path}/drm/${card}`),
  };
}
