// SPDX-License-Identifier: Apache-2.0
import { isBdf, type Host } from '@kube-device-plugins/core';
import { isPciId } from '../options/device-ids.ts';
import { readByPathLinks } from './by-path.ts';
import type { GpuCard } from './gpu-card.ts';
import { readMeiNodes } from './mei.ts';

/** Something to tell an administrator, once. */
export interface CardNote {
  /** The card, or the directory, that it is about. */
  readonly about: string;
  readonly reason: string;
  /** `foreign`: a card of somebody else; `intended`: what a flag or the set-up of the card asks for; `trouble`: anything else. */
  readonly kind: 'foreign' | 'intended' | 'trouble';
  /** Whether the card is not published because of it. */
  readonly isLeftOut?: boolean;
}

/** What is wanted of each card. */
export interface CardWish {
  readonly byPath: 'single' | 'all' | 'none';
  readonly withMei: boolean;
}

/** All of a card but its place in the machine, which costs more and never changes. */
export type UnplacedCard = Omit<GpuCard, 'topology'>;

/** Intel. Source: pci.ids. */
const intelVendor = '0x8086';

/** What cards without a driver link are taken for, as upstream does (cmd/gpu_plugin/gpu_plugin.go, readDriver). */
const fallbackDriver = 'i915';

/**
 * Reads one card below /sys/class/drm; undefined, with the reason in `notes`, for one that is not for containers.
 *
 * Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci (vendor, device, sriov_numvfs, driver).
 *
 * @throws DevicePluginError `HOST_UNREADABLE`
 */
export async function readCard(
  host: Host,
  name: string,
  wish: CardWish,
  byPathNames: ReadonlySet<string> | undefined,
  notes: CardNote[],
): Promise<UnplacedCard | undefined> {
  const device = `/sys/class/drm/${name}/device`;
  const names = (await host.list(`${device}/drm`)).filter((node) => /^(card|renderD)\d+$/.test(node));
  const nodes = await existingNodes(host, names);
  const misfit = (await readMisfit(host, device)) ?? nodeMisfit(names, nodes);
  if (misfit !== undefined) {
    notes.push({ about: name, isLeftOut: true, ...misfit });
    return undefined;
  }
  const bdf = await readBdf(host, name);
  const deviceId = await readDeviceId(host, name);
  return {
    name,
    driver: (await host.linkName(`${device}/driver`)) ?? withoutDriver(name, notes),
    ...(bdf === undefined ? {} : { bdf }),
    ...(deviceId === undefined ? {} : { deviceId }),
    nodes,
    byPathLinks: bdf === undefined ? [] : await readByPathLinks(host, { name, bdf, nodes }, byPathNames, notes),
    meiNodes: wish.withMei ? await readMeiNodes(host, name) : [],
  };
}

type Misfit = Pick<CardNote, 'reason' | 'kind'>;

/** Why a card is not for containers of this plugin, whatever nodes it has. */
async function readMisfit(host: Host, device: string): Promise<Misfit | undefined> {
  const vendor = await host.readText(`${device}/vendor`);
  if (vendor === undefined) return await vendorlessMisfit(host, device);
  if (vendor !== intelVendor) return vendorMisfit(vendor);
  const vfs = (await host.readText(`${device}/sriov_numvfs`)) ?? '0';
  if (vfs === '0') return undefined;
  return {
    reason: `its virtual functions are published instead of it (sriov_numvfs is ${shown(vfs)})`,
    kind: /^\d+$/.test(vfs) ? 'intended' : 'trouble',
  };
}

/** Cards of simulators, boot screens and systems on a chip are on no PCI bus. */
async function vendorlessMisfit(host: Host, device: string): Promise<Misfit> {
  if (!(await host.exists(device))) return { reason: 'the kernel shows no device of it', kind: 'trouble' };
  if ((await host.linkName(`${device}/subsystem`)) === 'pci')
    return { reason: 'the kernel shows no vendor of it', kind: 'trouble' };
  return { reason: 'it is no PCI device', kind: 'foreign' };
}

function vendorMisfit(vendor: string): Misfit {
  if (isPciId(vendor)) return { reason: `its vendor is ${shown(vendor)}, not Intel`, kind: 'foreign' };
  return { reason: `its vendor is ${shown(vendor)}, which is no id`, kind: 'trouble' };
}

function nodeMisfit(names: readonly string[], nodes: readonly string[]): Misfit | undefined {
  if (names.length === 0) return { reason: 'the kernel has no nodes for it', kind: 'trouble' };
  return nodes.length > 0 ? undefined : { reason: `none of ${names.join(', ')} is in /dev/dri`, kind: 'trouble' };
}

/** The PCI device id of a card, `0x56c0`; undefined when there is none, or none of that form. */
export async function readDeviceId(host: Host, name: string): Promise<string | undefined> {
  const [id = ''] = ((await host.readText(`/sys/class/drm/${name}/device/device`)) ?? '').split('\n');
  return isPciId(id) ? id : undefined;
}

/** The PCI address of a card: the name of its device, which its own directory is in as well. */
export async function readBdf(host: Host, name: string): Promise<string | undefined> {
  const device = await host.linkName(`/sys/class/drm/${name}/device`);
  if (device !== undefined && isBdf(device)) return device;
  const path = await host.realPath(`/sys/class/drm/${name}`);
  return path === undefined ? undefined : bdfOfCardPath(path);
}

/** The PCI address in the path of a card: `…/0000:0f:05.0/drm/card0`. */
export function bdfOfCardPath(path: string): string | undefined {
  const [, bdf = ''] = /([^/]+)\/drm\/card\d+$/.exec(path) ?? [];
  return isBdf(bdf) ? bdf : undefined;
}

/** `card0` goes before `renderD128`, as the names are sorted. */
async function existingNodes(host: Host, names: readonly string[]): Promise<string[]> {
  const nodes: string[] = [];
  for (const name of names) if (await host.exists(`/dev/dri/${name}`)) nodes.push(`/dev/dri/${name}`);
  return nodes;
}

function withoutDriver(name: string, notes: CardNote[]): string {
  notes.push({
    about: name,
    reason: `no link tells its driver, so it is taken for ${fallbackDriver}`,
    kind: 'trouble',
  });
  return fallbackDriver;
}

/** For the log, where a file that holds anything must not hold too much. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 32));
}
