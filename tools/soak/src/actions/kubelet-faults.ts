// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openIdleConnections, readListOnce } from '@kube-device-plugins/testkit';
import type { Fault } from '../plan/action.ts';
import type { Performers } from './performer.ts';

export type KubeletFault = Extract<
  Fault,
  {
    kind: 'restart-kubelet' | 'cut-streams' | 'stall-kubelet' | 'refuse-registration' | 'crowd' | 'remove-sockets';
  }
>;

export const kubeletFaults: Performers<KubeletFault> = {
  'restart-kubelet': ({ how, downMs }, stage) => {
    const { lanes, kubelet, pods } = stage.world;
    const restart = (): Promise<void> => kubelet.restart(how, { downMs: downMs * stage.pace });
    return lanes.run('kubelet', async () => {
      if (how !== 'wipe-dir') return restart();
      // With its checkpoint the kubelet loses who has which device: a node that this happens to has to be empty.
      await lanes.run('pods', async () => {
        pods.deleteAll();
        await restart();
      });
    });
  },
  'cut-streams': ({ how }, { world, resources }) =>
    world.lanes.run('kubelet', () => {
      for (const resource of resources) world.kubelet.cutStreams(resource, how);
      return Promise.resolve();
    }),
  'stall-kubelet': ({ holdMs }, { world: { lanes, kubelet }, pause }) =>
    lanes.run('kubelet', async () => {
      kubelet.faults = { listAndWatch: { stallAfter: 1 } };
      await kubelet.restart('fast');
      await pause(holdMs);
      kubelet.faults = {};
      await kubelet.restart('crash');
    }),
  'refuse-registration': ({ holdMs }, { world: { lanes, kubelet }, pause }) =>
    lanes.run('kubelet', async () => {
      kubelet.faults = { register: { reject: 'the soak refuses registrations for a while' } };
      await kubelet.restart('fast');
      await pause(holdMs);
      kubelet.faults = {};
    }),
  crowd: async ({ connections, holdMs }, stage) => {
    const sockets = [...stage.world.kubelet.resources().values()].flatMap(({ socketPath }) => socketPath ?? []);
    await Promise.all(sockets.map((socket) => crowd(socket, connections, () => stage.pause(holdMs))));
  },
  'remove-sockets': (_fault, { world: { plugin, places } }) =>
    Promise.all(plugin.sockets().map((name) => rm(join(places.plugins, name), { force: true }))).then(() => undefined),
};

/** The plugin may be away, and whoever holds no connection then has nothing to hold. */
async function crowd(socket: string, connections: number, hold: () => Promise<void>): Promise<void> {
  const idle = await openIdleConnections(socket, connections).catch(() => undefined);
  await Promise.allSettled([readListOnce(socket, { timeoutMs: 1_000 }), readListOnce(socket, { timeoutMs: 1_000 })]);
  try {
    await hold();
  } finally {
    idle?.[Symbol.dispose]();
  }
}
