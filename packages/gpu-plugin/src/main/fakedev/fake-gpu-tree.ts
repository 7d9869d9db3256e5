// SPDX-License-Identifier: Apache-2.0
import { formatBdf } from '@kube-device-plugins/core';
import { labelLines } from '../labels/label-file.ts';
import { splitLabel } from '../labels/split-label.ts';
import { fakeLinks } from './fake-links.ts';
import type { FakeGpuSpec } from './fake-gpu-spec.ts';

export { parseFakeGpuSpec, type FakeGpuSpec } from './fake-gpu-spec.ts';

/** What lies at a path: text is a file. */
export type FakeEntry =
  string | { readonly kind: 'dir' } | { readonly kind: 'link'; readonly target: string } | FakeNode;

/** A character device. */
export interface FakeNode {
  readonly kind: 'node';
  readonly type: 'c';
  readonly major: number;
  readonly minor: number;
}

/** Path below the root → what lies there. */
export type FakeTree = Readonly<Record<string, FakeEntry>>;

/** File with the labels that xpumanager-labels would write on this node. */
export const linkLabelFile = 'xpum-sidecar-labels.txt';

/**
 * The pieces of /sys and /dev of a node with these GPUs, as the kernel lays them out: a directory for each PCI device, and links to
 * it from /sys/class/drm, its driver and /dev/dri/by-path. Each device node is /dev/null, so that containers can have it.
 *
 * Upstream: cmd/gpu_fakedev. Its PCI addresses of devices from the tenth on are none; ours go on with the next bus after 32.
 */
export function fakeGpuTree(spec: FakeGpuSpec): FakeTree {
  const cards = Array.from({ length: spec.DevCount }, (_, index) => fakeCard(spec, index));
  const links = fakeLinks(spec);
  const labels = new Map(links === undefined ? [] : splitLabel('xpumanager.intel.com/xe-links', links));
  return Object.assign({}, ...cards, labels.size > 0 && { [linkLabelFile]: labelLines(labels) }) as FakeTree;
}

function fakeCard(spec: FakeGpuSpec, index: number): FakeTree {
  const bdf = formatBdf({ domain: 0, bus: Math.floor(index / 32), device: index % 32, function: 0 });
  const device = `sys/bus/pci/devices/${bdf}`;
  const card = `card${index}`;
  const render = `renderD${firstRenderMinor + index}`;
  return {
    [`${device}/vendor`]: '0x8086\n',
    [`${device}/device`]: `${spec.DeviceId}\n`,
    [`${device}/numa_node`]: `${spec.DevsPerNode > 0 ? Math.floor(index / spec.DevsPerNode) : 0}\n`,
    ...(isPhysicalFunction(spec, index) && { [`${device}/sriov_numvfs`]: `${spec.VfsPerPf}\n` }),
    [`${device}/driver`]: link(`../../drivers/${spec.Driver}`),
    [`sys/bus/pci/drivers/${spec.Driver}/${bdf}`]: link(`../../devices/${bdf}`),
    [`${device}/drm/${card}/lmem_total_bytes`]: `${spec.DevMemSize}\n`,
    ...Object.fromEntries([card, render].flatMap((name) => drmEntries(bdf, name))),
    ...tileEntries(spec, device, card),
    [`dev/dri/by-path/pci-${bdf}-card`]: link(`../${card}`),
    [`dev/dri/by-path/pci-${bdf}-render`]: link(`../${render}`),
    ...(spec.Driver === 'i915' && { [`sys/kernel/debug/dri/${index}/i915_capabilities`]: capabilityLines(spec) }),
  };
}

const firstRenderMinor = 128;

function isPhysicalFunction({ VfsPerPf }: FakeGpuSpec, index: number): boolean {
  return VfsPerPf > 0 && index % (VfsPerPf + 1) === 0;
}

function drmEntries(bdf: string, name: string): readonly (readonly [string, FakeEntry])[] {
  return [
    [`sys/bus/pci/devices/${bdf}/drm/${name}/device`, link(`../../../${bdf}`)],
    [`sys/class/drm/${name}`, link(`../../bus/pci/devices/${bdf}/drm/${name}`)],
    [`dev/dri/${name}`, nullDevice],
  ];
}

/** Source of the number: Linux, Documentation/admin-guide/devices.txt, /dev/null. */
const nullDevice: FakeNode = { kind: 'node', type: 'c', major: 1, minor: 3 };

function tileEntries({ Driver, TilesPerDev }: FakeGpuSpec, device: string, card: string): FakeTree {
  const pathOf = (tile: number): string =>
    Driver === 'xe' ? `${device}/tile${tile}/gt0` : `${device}/drm/${card}/gt/gt${tile}`;
  return Object.fromEntries(Array.from({ length: TilesPerDev }, (_, tile) => [pathOf(tile), { kind: 'dir' }]));
}

function capabilityLines({ Capabilities }: FakeGpuSpec): string {
  return Object.entries(Capabilities)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

function link(target: string): FakeEntry {
  return { kind: 'link', target };
}
