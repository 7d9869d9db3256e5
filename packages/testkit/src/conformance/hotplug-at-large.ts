// SPDX-License-Identifier: Apache-2.0
import { type Clause, type ClauseContext, expect, hook, Skipped } from './clause.ts';
import { mostLists } from './health-under-stress.ts';
import { isGiven } from './subject.ts';

/** Devices that come and go by the hundred, while they are in use, and of new resources. */
export const hotplugAtLarge: readonly Clause[] = [
  {
    id: 'HP-03',
    level: 'should',
    title: 'keeps a device that is unplugged while a pod has it, as Unhealthy, until the pod is gone',
    needs: ['remove'],
    differs: true,
    async check(context) {
      const { stage, subject, budgets } = context;
      if (!isGiven('podresources', subject))
        throw new Skipped('needs {podresources} where the plugin is told the socket of podresources');
      await stage.begin();
      const { resource } = stage;
      const pod = { pod: 'user', containers: [{ name: 'app', limits: { [resource]: 1 } }] } as const;
      const { containers } = await stage.kubelet.admit(pod);
      const id = containers.app.deviceIds[resource]?.[0] ?? '';
      await hook(context, 'remove')(stage.place, id);
      stage.deed = `unplugged ${id}, which a pod has`;
      await stage.until(
        () => stage.healthOf(id) !== 'Healthy',
        budgets.changeMs,
        () => `${id} to be Unhealthy`,
      );
      await stage.pause(budgets.changeMs);
      expect(stage.healthOf(id) === 'Unhealthy', `${id} is ${stage.healthOf(id)}`);
      stage.kubelet.deletePod('user');
      stage.deed = `deleted the pod that had ${id}`;
      await stage.until(
        () => stage.healthOf(id) === 'gone',
        2 * budgets.changeMs,
        () => `${id} to be gone`,
      );
    },
  },
  {
    id: 'HP-06',
    level: 'should',
    title: 'takes a thousand changes in a row together, without much processor time',
    needs: ['add', 'remove'],
    watchesMs: () => burstMs,
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      const [id = ''] = stage.ids(2);
      const before = { lists: stage.eventsOf('listed').length, cpuMs: stage.plugin.cpuMs, ms: performance.now() };
      const events = await burst(context, id);
      stage.deed = `unplugged ${id} and plugged it in again, ${events} changes in all`;
      await stage.until(
        () => stage.allocatable === devices.length,
        budgets.changeMs,
        () => `${devices.length} devices to be allocatable; ${stage.allocatable} are`,
      );
      await stage.expectAlive();
      const tookMs = performance.now() - before.ms;
      const lists = stage.eventsOf('listed').length - before.lists;
      expect(lists <= mostLists(tookMs), `${lists} lists came in ${Math.round(tookMs)} ms`);
      if (before.cpuMs === undefined) return 'processor time is not known on this system';
      const usedMs = (stage.plugin.cpuMs ?? 0) - before.cpuMs;
      const told = `${lists} lists of ${events} changes, ${usedMs} ms of processor time in ${Math.round(tookMs)} ms`;
      expect(usedMs <= freeCpuMs + events * budgets.changeCpuMs, told);
      return told;
    },
  },
  {
    id: 'HP-08',
    level: 'should',
    title: 'registers a resource that appears while it runs, and leaves the others alone',
    needs: ['addResource'],
    async check(context) {
      const { stage, subject, budgets } = context;
      await stage.begin();
      const { kubelet } = stage;
      const areUp = (): boolean =>
        subject.resources.every((name) => kubelet.resources().get(name)?.state === 'connected');
      await stage.until(areUp, budgets.registerMs, () => subject.resources.join(', '));
      const before = [...kubelet.resources().keys()];
      const count = (): number => before.reduce((sum, name) => sum + kubelet.registrations(name), 0);
      const registrations = count();
      await hook(context, 'addResource')(stage.place);
      const added = (): string | undefined =>
        [...kubelet.resources().values()].find(({ resource }) => !before.includes(resource) && stage.isListed(resource))
          ?.resource;
      await stage.until(
        () => added() !== undefined,
        budgets.changeMs + budgets.registerMs,
        () => `another resource than ${before.join(', ')}`,
      );
      expect(areUp() && count() === registrations, 'the others were registered again');
      return added();
    },
  },
];

const burstEvents = 1_000;
const burstMs = 8_000;
/** What a runtime takes for itself, and scans at their own pace. */
const freeCpuMs = 1_000;

/** Unplugs the device and plugs it in again, over and over. @returns how often in all. */
async function burst(context: ClauseContext, id: string): Promise<number> {
  const { stage } = context;
  const endMs = performance.now() + burstMs;
  let events = 0;
  while (events < burstEvents && performance.now() < endMs) {
    await hook(context, 'remove')(stage.place, id);
    await stage.pause(1);
    await hook(context, 'add')(stage.place, id);
    await stage.pause(1);
    events += 2;
  }
  return events;
}
