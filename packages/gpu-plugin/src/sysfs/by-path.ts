// SPDX-License-Identifier: Apache-2.0
import { messageOf, type Host } from '@kube-device-plugins/core';
import type { GpuCard } from './gpu-card.ts';
import type { CardNote } from './read-card.ts';

/** Where udev makes links to the nodes of cards, named by their PCI addresses (systemd, rules.d/60-drm.rules). */
export const byPathDirectory = '/dev/dri/by-path';

/** The names in the directory; undefined, with the reason in `notes`, when there is none. */
export async function readByPathNames(host: Host, notes: CardNote[]): Promise<ReadonlySet<string> | undefined> {
  try {
    const names = await host.list(byPathDirectory);
    if (names.length > 0 || (await host.exists(byPathDirectory))) return new Set(names);
    // Without cards nobody misses it, and devtmpfs alone has none.
    if (await host.exists('/dev/dri')) notes.push(without('it does not exist: no udev makes it'));
  } catch (error) {
    notes.push(without(messageOf(error)));
  }
  return undefined;
}

/**
 * The links of a card that lead to a node of it.
 *
 * Only the two names that libdrm and oneCCL look for: whatever else begins with the address of a card, such as
 * `pci-0000:00:02.0-platform-simple-framebuffer.0-card`, is stale once the driver has taken over, and a container with it does not start
 * (intel-device-plugins-for-kubernetes#2296).
 */
export async function readByPathLinks(
  host: Host,
  { name, bdf, nodes }: Required<Pick<GpuCard, 'name' | 'bdf' | 'nodes'>>,
  names: ReadonlySet<string> | undefined,
  notes: CardNote[],
): Promise<readonly string[]> {
  const links: string[] = [];
  for (const link of [`pci-${bdf}-card`, `pci-${bdf}-render`]) {
    if (names?.has(link) !== true) continue;
    const path = `${byPathDirectory}/${link}`;
    const target = await host.realPath(path);
    // A node in the place of the link is as good.
    if (target === path || (target !== undefined && nodes.includes(target))) links.push(path);
    else
      notes.push({
        about: name,
        reason: `${path} leads to ${target ?? 'nothing'}, so it is left out`,
        kind: 'trouble',
      });
  }
  return links;
}

function without(reason: string): CardNote {
  return { about: byPathDirectory, reason: `${reason}, so containers get none of its links`, kind: 'trouble' };
}
