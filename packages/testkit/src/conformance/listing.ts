// SPDX-License-Identifier: Apache-2.0
import { maxDeviceIdLength, maxMessageBytes } from '@kube-device-plugins/core/kubelet-api';
import { type Clause, type ClauseContext, ClauseFailure, expect, hook } from './clause.ts';
import { ListWatch } from './list-watch.ts';
import type { Stage } from './stage.ts';

/** What ListAndWatch sends. */
export const listing: readonly Clause[] = [
  {
    id: 'LI-01',
    level: 'must',
    title: 'sends a first list at once, even an empty one',
    shares: true,
    async check({ stage, budgets }) {
      using watch = new ListWatch(stage.socketPath);
      const startMs = performance.now();
      await firstList(stage, watch, budgets.firstListMs);
      return `after ${Math.round(performance.now() - startMs)} ms`;
    },
  },
  {
    id: 'LI-02',
    level: 'must',
    title: `lists unique ids of 1 to ${maxDeviceIdLength} printable characters, each Healthy or Unhealthy`,
    shares: true,
    async check({ stage, budgets }) {
      const devices = await listOf(stage, budgets.callMs);
      const ids = devices.map(({ ID }) => ID);
      expect(new Set(ids).size === ids.length, `an id is listed twice: ${ids.join(', ')}`);
      const wrong = ids.filter((id) => !isDeviceId(id));
      expect(wrong.length === 0, `these are no ids: ${JSON.stringify(wrong)}`);
      const odd = devices.filter(({ health }) => health !== 'Healthy' && health !== 'Unhealthy');
      expect(odd.length === 0, `the health is ${JSON.stringify(odd.map(({ health }) => health))}`);
      return `${ids.length} devices`;
    },
  },
  {
    id: 'LI-03',
    level: 'must',
    title: 'sends the complete list each time',
    needs: ['fail'],
    async check(context) {
      const { stage, budgets } = context;
      const { devices } = await stage.begin();
      const [id = ''] = stage.ids(2);
      using watch = new ListWatch(stage.socketPath);
      await firstList(stage, watch, budgets.callMs);
      await hook(context, 'fail')(stage.place, id);
      await stage.until(
        () => watch.newest?.get(id) === 'Unhealthy',
        budgets.changeMs,
        () => `${id} to be Unhealthy`,
      );
      for (const { devices: listed } of watch.lists) {
        expect(listed.length === devices.length, `a list of ${listed.length} devices instead of all ${devices.length}`);
      }
    },
  },
  {
    id: 'LI-04',
    level: 'should',
    title: 'gives the same hardware the same ids after a restart',
    async check({ stage }) {
      const before = await stage.begin();
      await stage.relaunch();
      const after = await stage.live(2);
      const [was, is] = [before, after].map(({ devices }) => devices.map(({ id }) => id).join(', '));
      expect(was === is, `the ids were ${was}, and are ${is}`);
    },
  },
  {
    id: 'LI-05',
    level: 'must',
    title: 'leaves topology out where the NUMA node is not known',
    shares: true,
    async check({ stage, budgets }) {
      for (const { ID, topology } of await listOf(stage, budgets.callMs)) {
        if (topology === undefined) continue;
        expect(topology.nodes.length > 0, `${ID} has a topology without nodes`);
        const negative = topology.nodes.find((node) => node.ID < 0);
        expect(negative === undefined, `${ID} is on NUMA node ${negative?.ID}`);
      }
    },
  },
  {
    id: 'LI-07',
    level: 'should',
    title: 'lists in the same order each time',
    shares: true,
    async check({ stage, budgets }) {
      const orders = new Set<string>();
      for (let i = 0; i < 3; i++) {
        orders.add((await listOf(stage, budgets.callMs)).map(({ ID }) => ID).join(', '));
      }
      expect(orders.size === 1, `the orders are ${[...orders].join(' and ')}`);
    },
  },
  {
    id: 'LI-08',
    level: 'must',
    title: 'keeps an idle stream open, and sends nothing while nothing changes',
    async check({ stage, budgets }) {
      await stage.begin();
      const before = stage.eventsOf('listed').length;
      await stage.pause(budgets.idleMs);
      expect(stage.isConnected, 'the stream has ended');
      const extra = stage.eventsOf('listed').length - before;
      expect(extra === 0, `${extra} lists came in ${budgets.idleMs} ms without a change`);
      return `watched for ${budgets.idleMs} ms`;
    },
  },
  {
    id: 'LI-09',
    level: 'must',
    title: 'lists 10,000 devices in one message within 2 s, without much memory',
    needs: ['populate'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.prepare((place) => hook(context, 'populate')(place, many));
      await stage.kubelet.start();
      stage.launch();
      // To start takes its time; what is limited is the stream.
      await stage.live(1, 2 * budgets.registerMs);
      using watch = new ListWatch(stage.socketPath);
      await firstList(stage, watch, 2 * budgets.firstListMs);
      const count = watch.lists[0]?.devices.length;
      expect(count === many, `the first message has ${count} devices`);
      const bytes = stage.plugin.residentBytes;
      expect(bytes === undefined || bytes < mostBytes, `it takes ${bytes} bytes of memory`);
      return bytes === undefined
        ? 'memory is not known on this system'
        : `${Math.round(bytes / 2 ** 20)} MiB of memory`;
    },
  },
  {
    id: 'LI-10',
    level: 'must',
    title: 'never sends a list that no kubelet takes, says so, and does not try over and over',
    needs: ['overfill'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.prepare(hook(context, 'overfill'));
      await stage.kubelet.start();
      const plugin = stage.launch();
      const hasSpoken = (): boolean => /4194304|4 ?MiB|too (large|many|big)|larger than|exceed/i.test(plugin.output);
      const done = (): boolean => hasSpoken() || plugin.exit !== undefined;
      await stage.until(done, 4 * budgets.registerMs, () => 'an error that says that the list is too large');
      await stage.pause(budgets.firstListMs);
      const refused = stage.eventsOf('streamEnded').filter(({ error }) => error?.status === 'RESOURCE_EXHAUSTED');
      expect(refused.length === 0, `sent a list of more than ${maxMessageBytes} bytes`);
      const registrations = stage.kubelet.registrations(stage.resource);
      expect(registrations <= 2, `registered ${registrations} times`);
    },
  },
];

const many = 10_000;
/** Far more than any runtime needs for 10,000 devices. */
const mostBytes = 512 * 2 ** 20;

/** Waits for the first list. @throws ClauseFailure when it does not come in time, or the stream ends. */
export async function firstList(stage: Stage, watch: ListWatch, timeoutMs: number): Promise<void> {
  await stage.until(
    () => watch.lists.length > 0 || watch.isOver,
    timeoutMs,
    () => 'the first list',
  );
  if (watch.lists.length === 0) throw new ClauseFailure('the stream ended without a list');
}

/** Whether kubelets and what is built on them take it for an id. */
export function isDeviceId(id: string): boolean {
  return /^[!-~]+$/.test(id) && id.length <= maxDeviceIdLength;
}

type Devices = ListWatch['lists'][number]['devices'];

/** The first list of a stream of its own. */
export async function listOf(stage: ClauseContext['stage'], timeoutMs: number): Promise<Devices> {
  using watch = new ListWatch(stage.socketPath);
  await firstList(stage, watch, timeoutMs);
  return watch.lists[0]?.devices ?? [];
}
