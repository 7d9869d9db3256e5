// SPDX-License-Identifier: Apache-2.0
import { cdiAllocation } from './cdi-allocation.ts';
import { type Clause, expect, hook, reach, Skipped } from './clause.ts';
import { differenceOf, mergeProblem, sameContent } from './container-content.ts';
import { firstList } from './listing.ts';
import { ListWatch } from './list-watch.ts';
import { statusOf } from './plugin-caller.ts';

/** What Allocate answers when devices go, many call, or callers leave. */
export const allocationOverTime: readonly Clause[] = [
  {
    id: 'AL-11',
    level: 'must',
    title: 'refuses a device that has vanished, naming it, and lists it no more as Healthy',
    needs: ['remove'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.begin();
      const [id = ''] = stage.ids(2);
      await hook(context, 'remove')(stage.place, id);
      const isGone = (): boolean => stage.healthOf(id) !== 'Healthy';
      await stage.until(isGone, budgets.changeMs, () => `the list without ${id}`);
      using caller = await stage.caller();
      const text = await caller.allocate([id]).then(() => 'no error', String);
      expect(text.includes(id), `the answer to ${id} is ${text}`);
    },
  },
  {
    id: 'AL-12',
    level: 'should',
    title: 'answers 99 of 100 calls at once',
    shares: true,
    async check({ stage, budgets }) {
      const ids = stage.ids(1);
      using caller = await stage.caller();
      const times: number[] = [];
      for (let i = 0; i < 1000; i++) {
        const startMs = performance.now();
        await caller.allocate(ids);
        times.push(performance.now() - startMs);
      }
      const p99 = times.toSorted((a, b) => a - b)[989] ?? 0;
      expect(p99 < budgets.allocateMs, `99 of 100 calls take up to ${Math.round(p99)} ms`);
      return `up to ${p99.toFixed(1)} ms`;
    },
  },
  {
    id: 'AL-13',
    level: 'must',
    title: 'answers 200 calls at a time, and its streams go on',
    shares: true,
    async check({ stage, budgets }) {
      const ids = stage.ids(3);
      using caller = await stage.caller(10 * budgets.callMs);
      const alone: Awaited<ReturnType<typeof caller.allocate>>[] = [];
      for (const id of ids) alone.push(await caller.allocate([id]));
      const calls = Array.from({ length: 200 }, async (_, i) => await caller.allocate([ids[i % ids.length] ?? '']));
      using watch = new ListWatch(stage.socketPath);
      const answers = await Promise.all(calls);
      await firstList(stage, watch, budgets.callMs);
      const wrong = answers.filter(([answer], i) => !sameContent(answer, alone[i % ids.length]?.[0])).length;
      expect(wrong === 0, `${wrong} of 200 answers are wrong`);
    },
  },
  {
    id: 'AL-14',
    level: 'must',
    title: 'goes on as before after a call that was cancelled',
    shares: true,
    async check({ stage }) {
      const ids = stage.ids(1);
      using caller = await stage.caller();
      const [before] = await caller.allocate(ids);
      for (let i = 0; i < 20; i++) {
        using other = await stage.caller();
        await other.cancelAllocate(ids);
      }
      // What is still under way ends.
      await stage.pause(300);
      const [after] = await caller.allocate(ids);
      expect(sameContent(before, after), `the answer is another one afterwards: ${differenceOf(after, before)}`);
    },
  },
  {
    id: 'AL-15',
    level: 'must',
    title: 'gives variables and annotations with valid names, and none with different values for two resources',
    async check({ stage, subject, budgets }) {
      await stage.begin();
      const names = new Map<string, { readonly resource: string; readonly value: string }>();
      for (const resource of subject.resources) {
        await stage.until(
          () => stage.isListed(resource),
          budgets.registerMs,
          () => `the devices of ${resource}`,
        );
        const id = stage.kubelet
          .resources()
          .get(resource)
          ?.devices.find(({ health }) => health === 'Healthy')?.id;
        if (id === undefined) throw new Skipped(`needs a healthy device of ${resource}`);
        const { envs, annotations } = await stage.kubelet.describeDevice(resource, id);
        for (const name of Object.keys(envs))
          expect(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name), `${JSON.stringify(name)} is no name of a variable`);
        for (const key of Object.keys(annotations))
          expect(isQualifiedName(key), `${JSON.stringify(key)} is no key of an annotation`);
        for (const [name, value] of Object.entries({ ...annotations, ...envs })) {
          const other = names.get(name);
          const isSame = other === undefined || other.value === value;
          expect(isSame, `${name} is ${value} from ${resource}, and ${other?.value} from ${other?.resource}`);
          names.set(name, { resource, value });
        }
      }
      return `${names.size} names`;
    },
  },
  ...cdiAllocation,
  {
    id: 'AL-18',
    level: 'must',
    title: 'gives a container that has two shares of a device that device once',
    shares: true,
    async check({ stage }) {
      const ids = stage.devices.map(({ id }) => id);
      const pair = ids
        .filter((id) => /::0$/.test(id))
        .map((id) => [id, id.replace(/0$/, '1')] as const)
        .find(([, other]) => ids.includes(other));
      if (pair === undefined) throw new Skipped('needs shares of one device, with ids such as gpu::0 and gpu::1');
      using caller = await stage.caller();
      const [[both], [one]] = [await caller.allocate(pair), await caller.allocate(pair.slice(0, 1))];
      const problem = mergeProblem(both, one === undefined ? [] : [one]);
      expect(problem === undefined, problem ?? '');
      expect(
        both?.devices.length === one?.devices.length,
        `two shares give ${both?.devices.length} nodes, one gives ${one?.devices.length}`,
      );
    },
  },
  {
    id: 'AL-19',
    level: 'must',
    title: 'answers Allocate, or refuses it properly, before anybody has opened ListAndWatch',
    async check({ stage, budgets }) {
      await stage.begin();
      const ids = stage.ids(1);
      using before = await stage.caller();
      const [expected] = await before.allocate(ids);
      stage.kubelet.faults = { listAndWatch: 'skip' };
      await stage.relaunch();
      const isBack = (): boolean => stage.eventsOf('registered').length === 2;
      await reach(
        'SD-07',
        stage.until(isBack, budgets.registerMs, () => 'a registration'),
      );
      using caller = await stage.caller();
      const status = await statusOf(caller.allocate(ids));
      expect(clean.includes(status), `answers ${status}`);
      if (status !== 'OK') return `answers ${status}`;
      const [answer] = await caller.allocate(ids);
      const told = 'the answer is not the one with an open stream';
      expect(sameContent(answer, expected), `${told}: ${differenceOf(answer, expected)}`);
    },
  },
  {
    id: 'AL-20',
    level: 'should',
    title: 'answers for up to 64 devices with less than 64 KiB',
    shares: true,
    async check({ stage }) {
      const healthy = stage.devices.filter(({ health }) => health === 'Healthy');
      const ids = healthy.slice(0, 64).map(({ id }) => id);
      using caller = await stage.caller();
      const bytes = JSON.stringify(await caller.allocate(ids)).length;
      expect(bytes < 64 * 1024, `${bytes} characters for ${ids.length} devices`);
    },
  },
];

/** How to refuse properly: the kubelet shows the text to whoever owns the pod. */
const clean: readonly string[] = ['OK', 'NOT_FOUND', 'FAILED_PRECONDITION', 'INVALID_ARGUMENT'];

/** Source: k8s.io/apimachinery pkg/util/validation, IsQualifiedName. */
function isQualifiedName(key: string): boolean {
  return /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(key);
}
