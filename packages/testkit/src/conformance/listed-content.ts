// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { maxDeviceIdLength } from '@kube-device-plugins/core/kubelet-api';
import { type Clause, expect, hook, Skipped } from './clause.ts';
import { isDeviceId, listOf } from './listing.ts';

/** What lists say of odd hardware, and of where it is. */
export const listedContent: readonly Clause[] = [
  {
    id: 'LI-06',
    level: 'should',
    title: 'names each NUMA node of a device once, and only nodes that the host has',
    shares: true,
    async check({ stage, budgets }) {
      const placed = (await listOf(stage, budgets.callMs)).flatMap(({ ID, topology }) =>
        topology === undefined ? [] : [{ id: ID, nodes: topology.nodes.map((node) => node.ID) }],
      );
      if (placed.length === 0) throw new Skipped('needs a device whose NUMA node is known');
      const host = await nodesOf(stage.place.prefix);
      for (const { id, nodes } of placed) {
        expect(new Set(nodes).size === nodes.length, `${id} is listed on NUMA nodes ${nodes.join(', ')}`);
        const missing = nodes.find((node) => host.length > 0 && !host.includes(`node${node}`));
        expect(missing === undefined, `${id} is on NUMA node ${missing}; the host has ${host.join(', ')}`);
      }
      return host.length === 0 ? 'the host does not tell its nodes' : `${placed.length} devices`;
    },
  },
  {
    id: 'LI-11',
    level: 'should',
    title: 'gives devices whose names are no ids proper ones, the same after a restart',
    needs: ['addOdd'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      await hook(context, 'addOdd')(stage.place);
      const ids = (): string[] => stage.devices.map(({ id }) => id);
      await stage.until(
        () => ids().length > devices.length,
        budgets.changeMs,
        () => `more devices than ${devices.length}`,
      );
      const wrong = ids().filter((id) => !isDeviceId(id));
      expect(
        wrong.length === 0,
        `these are no ids of 1 to ${maxDeviceIdLength} printable characters: ${JSON.stringify(wrong)}`,
      );
      const before = ids().join(', ');
      await stage.relaunch();
      await stage.live(2);
      expect(ids().join(', ') === before, `the ids were ${before}, and are ${ids().join(', ')}`);
      return before;
    },
  },
];

/** Of the host that the plugin sees. Source: Linux, Documentation/ABI/stable/sysfs-devices-node. */
async function nodesOf(prefix: string): Promise<string[]> {
  for (const root of [prefix, '/']) {
    const names = await readdir(join(root, 'sys/devices/system/node')).catch(() => []);
    const nodes = names.filter((name) => /^node\d+$/.test(name));
    if (nodes.length > 0) return nodes;
  }
  return [];
}
