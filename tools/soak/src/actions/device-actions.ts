// SPDX-License-Identifier: Apache-2.0
import type { DeviceAction } from '../plan/action.ts';
import type { SlotState } from '../subjects/subject.ts';
import type { Performers, Stage } from './performer.ts';

export const deviceActions: Performers<DeviceAction> = {
  change: ({ slot, to }, stage) => stage.world.lanes.run('host', () => put(stage, slot, to)),
  flap: ({ slot, to, times, everyMs }, stage) =>
    stage.world.lanes.run('host', async () => {
      for (let count = 0; count < times; count++) {
        await put(stage, slot, to);
        await stage.pause(everyMs);
        await put(stage, slot, 'well');
        await stage.pause(everyMs);
      }
    }),
};

/** The truth is bad from before it can be seen, and good from when it can. */
async function put({ world, subject, nowMs }: Stage, slot: number, state: SlotState): Promise<void> {
  await subject.put(world.host, slot, state);
  world.truth.set(slot, state, nowMs());
}
