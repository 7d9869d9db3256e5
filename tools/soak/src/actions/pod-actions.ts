// SPDX-License-Identifier: Apache-2.0
import type { PodAction } from '../plan/action.ts';
import type { Performers } from './performer.ts';

export const podActions: Performers<PodAction> = {
  admit: ({ pod, resource, devices }, { world, resources }) =>
    world.lanes.run('pods', async () => {
      await world.pods.admit(pod, { [resources[resource] ?? '']: devices });
    }),
  'start-container': ({ pod }, { world }) => world.lanes.run('pods', () => world.pods.startContainer(pod)),
  delete: ({ pod }, { world }) =>
    world.lanes.run('pods', () => {
      world.pods.delete(pod);
      return Promise.resolve();
    }),
};
