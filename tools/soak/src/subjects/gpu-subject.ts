// SPDX-License-Identifier: Apache-2.0
import { type FixtureEntry, type FixtureTree, link } from '@kube-device-plugins/testkit';
import type { Slot, SlotState, Subject } from './subject.ts';
import { commonFlags } from './subject.ts';

const cards = 6;
const celsius = { well: 45, sick: 130 };

/** gpu-plugin with cards of i915 whose health comes from sysfs; the first one stays, or there would be no resource. */
export const gpuSubject: Subject = {
  name: 'gpu-plugin',
  slots: Array.from({ length: cards }, (_, card): Slot => ({
    resource: 'gpu.intel.com/i915',
    id: `card${card}-0`,
    states: card === 0 ? ['well', 'sick'] : ['well', 'sick', 'gone'],
  })),
  // Two readings in a row make a card healthy or unhealthy; each begins up to a second after the last one ended.
  settleMs: 3_500,
  usesCdi: true,
  files: {},
  tree: Object.assign({}, ...Array.from({ length: cards }, (_, card) => cardTree(card))) as FixtureTree,
  flags: (places) => [...commonFlags(places), '-health-source=sysfs', '-scan-period=1s'],
  put: async (host, card, state) => {
    if (state === 'gone') {
      for (const [path] of deviceNodes(card)) await host.remove(path);
      return;
    }
    await host.write(sensorOf(card), temperature(state));
    await host.add(Object.fromEntries(deviceNodes(card)));
  },
  scanned: 'sys/class/drm',
};

/** /sys and /dev of one card, laid out as the kernel does; files stand for the device nodes. */
function cardTree(card: number): FixtureTree {
  const [bdf, device] = [bdfOf(card), deviceOf(card)];
  const names = [`card${card}`, `renderD${card + 128}`];
  const drm: Record<string, FixtureEntry> = {};
  for (const name of names) {
    drm[`${device}/drm/${name}/device`] = link('../..');
    drm[`sys/class/drm/${name}`] = link(`../../${device.slice('sys/'.length)}/drm/${name}`);
  }
  return {
    [`${device}/vendor`]: '0x8086\n',
    [`${device}/device`]: '0x56c0\n',
    [`${device}/numa_node`]: '0\n',
    [`${device}/driver`]: link('../../../bus/pci/drivers/i915'),
    [`sys/bus/pci/devices/${bdf}`]: link(`../../../devices/pci0000:00/${bdf}`),
    [sensorOf(card)]: temperature('well'),
    ...drm,
    ...Object.fromEntries(deviceNodes(card)),
  };
}

function deviceNodes(card: number): [path: string, text: string][] {
  return [
    [`dev/dri/card${card}`, `c 226:${card}\n`],
    [`dev/dri/renderD${card + 128}`, `c 226:${card + 128}\n`],
  ];
}

/** In thousandths of a degree. Source: Linux, Documentation/hwmon/sysfs-interface.rst. */
function temperature(state: Exclude<SlotState, 'gone'>): string {
  return `${celsius[state] * 1000}\n`;
}

function sensorOf(card: number): string {
  return `${deviceOf(card)}/hwmon/hwmon${card}/temp1_input`;
}

function deviceOf(card: number): string {
  return `sys/devices/pci0000:00/${bdfOf(card)}`;
}

function bdfOf(card: number): string {
  return `0000:${(card + 3).toString(16).padStart(2, '0')}:00.0`;
}
