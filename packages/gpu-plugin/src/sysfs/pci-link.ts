// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { isBdf } from '@kube-device-plugins/core';
import type { DeviceAttributes } from './device-attributes.ts';

/**
 * Looks for links between the card and its root port that are slower or narrower than both their ends can do.
 *
 * A GPU often sits behind a switch on its own card, whose inner link says nothing of the slot; so all links up to the root port count.
 * What a slot cannot do is no fault: a card of 16 lanes in a slot of 8 is well with 8. Nor is a speed that the card lowers by itself, which xe
 * tells in `auto_link_downgrade_status` (Linux, drivers/gpu/drm/xe/xe_device_sysfs.c).
 *
 * Attributes: current_link_speed, current_link_width, max_link_speed, max_link_width of PCI devices (Linux, drivers/pci/pci-sysfs.c).
 *
 * @param device - its real path, which names all that is above it.
 */
export async function readLinkFaults(
  attributes: DeviceAttributes,
  device: string,
): Promise<readonly string[] | undefined> {
  const isSlowedDown = (await attributes.text(`${device}/auto_link_downgrade_status`)) === '1';
  const faults: string[] = [];
  let isShown = false;
  for (const [lower, upper] of linksAbove(device)) {
    const link = await readLink(attributes, lower, upper);
    if (link === undefined) continue;
    isShown = true;
    const bdf = posix.basename(lower);
    if (link.isSlow && !isSlowedDown) faults.push(`the PCI link of ${bdf} is slower than it can be`);
    if (link.isNarrow) faults.push(`the PCI link of ${bdf} has fewer lanes than it can have`);
  }
  return isShown ? faults : undefined;
}

/**
 * The two ends of each link from a device up to the root port. Between a switch's lower and its upper port is no link, and above
 * a device that is part of the root complex there is none at all.
 */
export function linksAbove(place: string): (readonly [lower: string, upper: string])[] {
  const links: (readonly [string, string])[] = [];
  let lower = place;
  for (let upper = posix.dirname(lower); isBdf(posix.basename(upper)); upper = posix.dirname(lower)) {
    links.push([lower, upper]);
    lower = posix.dirname(upper);
  }
  return links;
}

interface LinkState {
  readonly isSlow: boolean;
  readonly isNarrow: boolean;
}

/** Undefined for a device that shows no link, such as a virtual function. */
async function readLink(attributes: DeviceAttributes, lower: string, upper: string): Promise<LinkState | undefined> {
  const speed = await readLevel(attributes, 'speed', lower, upper);
  const width = await readLevel(attributes, 'width', lower, upper);
  if (speed === undefined && width === undefined) return undefined;
  return { isSlow: speed?.isLow === true, isNarrow: width?.isLow === true };
}

async function readLevel(
  attributes: DeviceAttributes,
  what: 'speed' | 'width',
  lower: string,
  upper: string,
): Promise<{ readonly isLow: boolean } | undefined> {
  const current = parseLinkNumber(await attributes.text(`${lower}/current_link_${what}`));
  const most = parseLinkNumber(await attributes.text(`${lower}/max_link_${what}`));
  if (current === undefined || most === undefined) return undefined;
  const upperMost = parseLinkNumber(await attributes.text(`${upper}/max_link_${what}`)) ?? most;
  return { isLow: current < Math.min(most, upperMost) };
}

/** `16.0 GT/s PCIe`, `8 GT/s` or a number of lanes; undefined for `Unknown`, and for 0 and 255 lanes, which mean the same. */
export function parseLinkNumber(text: string | undefined): number | undefined {
  const number = Number(/^(\d{1,4}(?:\.\d{1,3})?)(?: GT\/s.*)?$/.exec(text ?? '')?.[1] ?? 0);
  return number === 0 || number === 255 ? undefined : number;
}
