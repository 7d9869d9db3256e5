// SPDX-License-Identifier: Apache-2.0
import { type Clause, type ClauseContext, expect, hook } from './clause.ts';

/** Devices that come and go. */
export const hotplug: readonly Clause[] = [
  {
    id: 'HP-01',
    level: 'must',
    title: 'lists a device that is plugged in',
    needs: ['add'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      await hook(context, 'add')(stage.place, undefined);
      const ids = (): string[] => listed(context);
      await stage.until(
        () => ids().length === devices.length + 1,
        budgets.changeMs,
        () => `one more device than ${ids().join(', ')}`,
      );
    },
  },
  {
    id: 'HP-02',
    level: 'must',
    title: 'no longer offers a device that is unplugged',
    needs: ['remove'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      const [id = ''] = stage.ids(2);
      await hook(context, 'remove')(stage.place, id);
      await stage.until(
        () => stage.healthOf(id) !== 'Healthy',
        budgets.changeMs,
        () => `${id} to be gone or Unhealthy`,
      );
      const others = stage.devices.filter((device) => device.health === 'Healthy').length;
      expect(others === devices.length - 1, `${others} of the ${devices.length - 1} other devices are Healthy`);
      return stage.healthOf(id);
    },
  },
  {
    id: 'HP-04',
    level: 'must',
    title: 'sends an empty list when all devices are unplugged, and stays registered',
    needs: ['remove'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      for (const { id } of devices) await hook(context, 'remove')(stage.place, id);
      const ids = (): string[] => listed(context);
      await stage.until(
        () => ids().length === 0,
        budgets.changeMs,
        () => `an empty list instead of ${ids().join(', ')}`,
      );
      await stage.pause(settleMs);
      stage.expectRunning();
      expect(stage.isConnected, `the resource is ${stage.view?.state}`);
    },
  },
  {
    id: 'HP-05',
    level: 'must',
    title: 'gives a device that is plugged in again the id that it had',
    needs: ['add', 'remove'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      const [id = ''] = stage.ids(2);
      const before = listed(context).join(', ');
      await hook(context, 'remove')(stage.place, id);
      const offered = (): number => stage.allocatable;
      await stage.until(
        () => offered() === devices.length - 1,
        budgets.changeMs,
        () => `${id} to be gone or Unhealthy`,
      );
      await hook(context, 'add')(stage.place, id);
      await stage.until(
        () => offered() === devices.length,
        budgets.changeMs,
        () => `${id} to be back`,
      );
      const after = listed(context).join(', ');
      expect(after === before, `the ids were ${before}, and are ${after}`);
    },
  },
  {
    id: 'HP-07',
    level: 'must',
    title: 'does not take a source that cannot be read for one without devices',
    needs: ['breakScan'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      await hook(context, 'breakScan')(stage.place);
      await stage.pause(budgets.changeMs);
      await stage.expectAlive();
      const shortest = Math.min(...stage.eventsOf('listed').map((event) => event.devices.length));
      expect(shortest === devices.length, `a list of ${shortest} devices came instead of all ${devices.length}`);
      return `${stage.allocatable} of them Healthy`;
    },
  },
];

const settleMs = 500;

function listed({ stage }: ClauseContext): string[] {
  return stage.devices.map(({ id }) => id);
}
