// SPDX-License-Identifier: Apache-2.0
import { type Clause, type ClauseContext, expect, hook } from './clause.ts';
import { firstList } from './listing.ts';
import { ListWatch } from './list-watch.ts';

/** Devices that fail and recover. */
export const health: readonly Clause[] = [
  {
    id: 'HE-01',
    level: 'must',
    title: 'lists a device that fails as Unhealthy, and no other',
    needs: ['fail'],
    async check(context) {
      const { stage } = context;
      const { devices } = await stage.begin();
      const [id = ''] = stage.ids(2);
      await hook(context, 'fail')(stage.place, id);
      await seen(context, id, 'Unhealthy');
      const now = stage.view?.devices ?? [];
      const wrong = now.filter((device) => device.health === 'Unhealthy' && device.id !== id);
      expect(wrong.length === 0, `${wrong.map((device) => device.id).join(', ')} became Unhealthy as well`);
      expect(now.length === devices.length, `lists ${now.length} of ${devices.length} devices`);
    },
  },
  {
    id: 'HE-02',
    level: 'must',
    title: 'lists a device that recovers as Healthy again',
    needs: ['fail', 'recover'],
    async check(context) {
      const { stage } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      await hook(context, 'fail')(stage.place, id);
      await seen(context, id, 'Unhealthy');
      await hook(context, 'recover')(stage.place, id);
      await seen(context, id, 'Healthy');
    },
  },
  {
    id: 'HE-04',
    level: 'must',
    title: 'sends a reader that had stopped at most two lists, the last of which is true',
    needs: ['fail', 'recover'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      using stalled = new ListWatch(stage.socketPath, true);
      await stage.expectAlive();
      for (const change of ['fail', 'recover', 'fail', 'recover', 'fail'] as const) {
        await hook(context, change)(stage.place, id);
        await seen(context, id, change === 'fail' ? 'Unhealthy' : 'Healthy');
      }
      stalled.resume();
      await stage.until(
        () => stalled.newest?.get(id) === 'Unhealthy',
        budgets.changeMs,
        () => 'the newest list on the stream that had stopped',
      );
      expect(stalled.lists.length <= 2, `${stalled.lists.length} lists came`);
    },
  },
  {
    id: 'HE-05',
    level: 'must',
    title: 'has noticed what changed before anybody opened a stream',
    needs: ['fail'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      const [id = ''] = stage.ids(1);
      stage.kubelet.faults = { listAndWatch: 'skip' };
      await stage.relaunch();
      const isBack = (): boolean => stage.eventsOf('registered').length === 2;
      await stage.until(isBack, budgets.registerMs, () => 'a registration');
      await hook(context, 'fail')(stage.place, id);
      await stage.pause(budgets.changeMs);
      const listed = await firstHealth(context, id);
      expect(listed === 'Unhealthy', `the first list has ${id} as ${listed}`);
      return `${devices.length} devices`;
    },
  },
  {
    id: 'HE-06',
    level: 'must',
    title: 'has noticed what changed between the end of one stream and the next',
    needs: ['fail'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      stage.kubelet.faults = { listAndWatch: 'skip' };
      stage.kubelet.cutStreams(stage.resource, 'cancel');
      await stage.until(
        () => stage.kubelet.registrations(stage.resource) > 1,
        budgets.registerMs,
        () => 'a registration',
      );
      await hook(context, 'fail')(stage.place, id);
      await stage.pause(budgets.changeMs);
      const listed = await firstHealth(context, id);
      expect(listed === 'Unhealthy', `the first list of the next stream has ${id} as ${listed}`);
    },
  },
  {
    id: 'HE-08',
    level: 'must',
    title: 'survives a probe that fails by itself, and tells the truth of the other devices',
    needs: ['breakProbe'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      const [id = ''] = stage.ids(2);
      await hook(context, 'breakProbe')(stage.place, id);
      await stage.pause(budgets.changeMs);
      await stage.expectAlive();
      const healthy = stage.view?.devices.filter((device) => device.health === 'Healthy' && device.id !== id).length;
      expect(healthy === devices.length - 1, `${healthy} of the ${devices.length - 1} other devices are Healthy`);
      return `${id} is ${stage.view?.devices.find((device) => device.id === id)?.health ?? 'gone'}`;
    },
  },
];

/** Waits until the kubelet has been told. */
async function seen({ stage, budgets }: ClauseContext, id: string, expected: string): Promise<void> {
  const current = (): string => stage.view?.devices.find((device) => device.id === id)?.health ?? 'gone';
  await stage.until(
    () => current() === expected,
    budgets.changeMs,
    () => `${id} to be ${expected}; it is ${current()}`,
  );
}

async function firstHealth({ stage, budgets }: ClauseContext, id: string): Promise<string> {
  using watch = new ListWatch(stage.socketPath);
  await firstList(stage, watch, budgets.callMs);
  return watch.lists[0]?.devices.find(({ ID }) => ID === id)?.health ?? 'gone';
}
