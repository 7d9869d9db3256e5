// SPDX-License-Identifier: Apache-2.0
import { type Clause, expect, hook } from './clause.ts';
import { seen } from './health.ts';

/** Devices that flap, and probes that never end. */
export const healthUnderStress: readonly Clause[] = [
  {
    id: 'HE-03',
    level: 'should',
    title: 'tells a device that flaps no more than once a second, and how it ends up',
    needs: ['fail', 'recover'],
    watchesMs: ({ flapMs }) => flapMs,
    async check(context) {
      const { stage, budgets } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      const before = stage.eventsOf('listed').length;
      const startMs = performance.now();
      let changes = 0;
      while (performance.now() - startMs < budgets.flapMs) {
        await hook(context, 'fail')(stage.place, id);
        await stage.pause(flapPauseMs);
        await hook(context, 'recover')(stage.place, id);
        await stage.pause(flapPauseMs);
        changes += 2;
      }
      await hook(context, 'fail')(stage.place, id);
      stage.deed = `had ${id} fail and recover ${changes} times`;
      await seen(context, id, 'Unhealthy');
      const told = stage.eventsOf('listed').length - before;
      const most = mostLists(performance.now() - startMs);
      expect(told <= most, `${told} lists came, ${most} at the most would be few`);
      return `${told} lists of ${changes} changes`;
    },
  },
  {
    id: 'HE-07',
    level: 'should',
    title: 'lists a device whose probe never ends as Unhealthy, and the others as they are',
    needs: ['hangProbe', 'fail'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.begin();
      const [hanging = '', failing = ''] = stage.ids(3);
      await hook(context, 'hangProbe')(stage.place, hanging);
      await hook(context, 'fail')(stage.place, failing);
      stage.deed = `had the probe of ${hanging} hang, and ${failing} fail`;
      await seen(context, failing, 'Unhealthy');
      await stage.until(
        () => stage.healthOf(hanging) !== 'Healthy',
        2 * budgets.changeMs,
        () => `${hanging} to be Unhealthy`,
      );
      await stage.expectAlive();
      return `${hanging} is ${stage.healthOf(hanging)}`;
    },
  },
];

/** Ten changes a second in each direction, less what the hooks take. */
const flapPauseMs = 50;
/** A few at once do no harm; after that one a second. */
const atOnce = 5;

/** Lists in so much time that are not too many. */
export function mostLists(ms: number): number {
  return atOnce + Math.ceil(ms / 1000);
}
