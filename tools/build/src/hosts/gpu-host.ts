// SPDX-License-Identifier: Apache-2.0
import { link, type FixtureEntry, type FixtureTree } from '@kube-device-plugins/testkit';

/**
 * /sys and /dev of a host with so many virtual functions of Intel GPUs, each with two nodes and a temperature, laid out as the kernel does.
 * Files stand for the device nodes.
 */
export function gpuHost(cards: number): FixtureTree {
  return Object.assign({}, ...Array.from({ length: cards }, (_, card) => gpuCard(card))) as FixtureTree;
}

/** The nodes of a card, as paths of its host. */
export function gpuNodes(card: number): readonly string[] {
  return drmNames(card).map((name) => `dev/dri/${name}`);
}

/** The sensor of a card, as a path of its host: a temperature in thousandths of a degree. */
export function gpuTemperature(card: number): string {
  return `${deviceOf(card)}/hwmon/hwmon${card}/temp1_input`;
}

function gpuCard(card: number): FixtureTree {
  const [bdf, device] = [bdfOf(card), deviceOf(card)];
  return {
    [`${device}/vendor`]: '0x8086\n',
    [`${device}/device`]: '0x56c0\n',
    [`${device}/numa_node`]: '0\n',
    [`${device}/local_cpulist`]: '0-3\n',
    [`${device}/driver`]: link('../../../../bus/pci/drivers/i915'),
    [gpuTemperature(card)]: '40000\n',
    [`sys/bus/pci/devices/${bdf}`]: link(`../../../${device.slice('sys/'.length)}`),
    ...drmEntries(drmNames(card), device),
    ...Object.fromEntries(
      drmNames(card).map((name, kind) => [
        `dev/dri/by-path/pci-${bdf}-${kind === 0 ? 'card' : 'render'}`,
        link(`../${name}`),
      ]),
    ),
  };
}

function drmEntries(names: readonly string[], device: string): FixtureTree {
  const tree: Record<string, FixtureEntry> = {};
  for (const name of names) {
    const number = `226:${name.replace(/\D+/, '')}`;
    tree[`${device}/drm/${name}/dev`] = `${number}\n`;
    tree[`${device}/drm/${name}/device`] = link('../..');
    tree[`sys/class/drm/${name}`] = link(`../../${device.slice('sys/'.length)}/drm/${name}`);
    tree[`sys/dev/char/${number}`] = link(`../../${device.slice('sys/'.length)}/drm/${name}`);
    tree[`dev/dri/${name}`] = `c ${number}\n`;
  }
  return tree;
}

/** The render nodes of more than 64 cards go on behind those of 64. */
function drmNames(card: number): readonly [string, string] {
  return [`card${card}`, `renderD${card + 128}`];
}

function deviceOf(card: number): string {
  return `sys/devices/pci0000:37/0000:37:01.0/${bdfOf(card)}`;
}

/** Functions of one PCI bus. */
function bdfOf(card: number): string {
  return `0000:3a:${(card >> 3).toString(16).padStart(2, '0')}.${card & 7}`;
}
