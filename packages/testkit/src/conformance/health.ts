// SPDX-License-Identifier: Apache-2.0
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { type Clause, type ClauseContext, expect, hook, reach, Skipped } from './clause.ts';
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
      const now = stage.devices;
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
    title: 'does not keep every list for a reader that had stopped: few come, and the last of them is true',
    needs: ['fail', 'recover'],
    async check(context) {
      const { stage, subject } = context;
      const { populate } = subject.hooks ?? {};
      await stage.begin();
      const few = await listsAfterStop(context);
      if (few.count <= mostLists) return `${few.count} lists of ${few.bytes} bytes`;
      const told = `${few.count} lists of ${few.bytes} bytes came`;
      if (populate === undefined)
        throw new Skipped(`${told}, which a transport may have buffered: larger lists take the hook populate`);
      // Those that the transport of a plugin cannot buffer.
      await stage.crash();
      await stage.prepare(async (place) => await populate(place, many));
      stage.launch();
      await stage.live(2, longListFactor * context.budgets.registerMs);
      const { count, bytes } = await listsAfterStop(context, longListFactor);
      const most = mostLists + Math.floor(transportBytes / bytes);
      expect(count <= most, `${count} lists of ${bytes} bytes came, ${most} at the most would be few`);
      return `${count} lists of ${bytes} bytes`;
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
      await reach(
        'SD-07',
        stage.until(isBack, budgets.registerMs, () => 'a registration'),
      );
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
      stage.cutStreams('cancel');
      const isBack = (): boolean => stage.kubelet.registrations(stage.resource) > 1;
      await reach(
        'RS-09',
        stage.until(isBack, budgets.registerMs, () => 'a registration'),
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
      const healthy = stage.devices.filter((device) => device.health === 'Healthy' && device.id !== id).length;
      expect(healthy === devices.length - 1, `${healthy} of the ${devices.length - 1} other devices are Healthy`);
      return `${id} is ${stage.healthOf(id)}`;
    },
  },
];

/** Makes a list longer than what transports buffer. */
const many = 5_000;
/** A list of so many takes longer than a few. */
const longListFactor = 2;
const changes = ['fail', 'recover', 'fail', 'recover', 'fail'] as const;
/** The first one, one that a call to send has been given when it had to wait, and the newest. */
const mostLists = 3;
/** What a call to send does not wait for. Source: grpc-go internal/transport, defaultWriteQuota, the largest that is known. */
const transportBytes = 64 * 1024;
const settleMs = 500;

/** What comes to a reader that had stopped during changes. @throws ClauseFailure unless the last of it is true. */
async function listsAfterStop(context: ClauseContext, factor = 1): Promise<{ count: number; bytes: number }> {
  const { stage, budgets } = context;
  const [id = ''] = stage.ids(1);
  using stalled = new ListWatch(stage.socketPath, true);
  await stage.expectAlive();
  for (const change of changes) {
    await hook(context, change)(stage.place, id);
    await seen(context, id, change === 'fail' ? 'Unhealthy' : 'Healthy', factor);
  }
  stage.deed = `let a reader go on that had stopped during ${changes.length} changes`;
  stalled.resume();
  const isTrue = (): boolean => stalled.lists.at(-1)?.devices.find(({ ID }) => ID === id)?.health === 'Unhealthy';
  await stage.until(isTrue, factor * budgets.changeMs, () => `${id} to be Unhealthy in the newest list`);
  // More may be on their way.
  await stage.pause(settleMs);
  expect(isTrue(), `the last list has ${id} as Healthy`);
  const devices = [...(stalled.lists.at(-1)?.devices ?? [])];
  const bytes = deviceplugin.ListAndWatchResponse.encode({ devices }).finish().length;
  return { count: stalled.lists.length, bytes };
}

/** Waits until the kubelet has been told. */
export async function seen({ stage, budgets }: ClauseContext, id: string, expected: string, factor = 1): Promise<void> {
  const current = (): string => {
    const newest = stage.eventsOf('listed').at(-1)?.devices;
    return newest?.find(({ ID }) => ID === id)?.health ?? 'gone';
  };
  await stage.until(
    () => current() === expected,
    factor * budgets.changeMs,
    () => `${id} to be ${expected}; it is ${current()}`,
  );
}

async function firstHealth({ stage, budgets }: ClauseContext, id: string): Promise<string> {
  using watch = new ListWatch(stage.socketPath);
  await firstList(stage, watch, budgets.callMs);
  return watch.lists[0]?.devices.find(({ ID }) => ID === id)?.health ?? 'gone';
}
