// SPDX-License-Identifier: Apache-2.0
import { allocationOverTime } from './allocation-over-time.ts';
import { type Clause, expect, hook } from './clause.ts';
import { contentProblem, differenceOf, mergeProblem, sameContent } from './container-content.ts';
import { statusOf } from './plugin-caller.ts';

/** What Allocate answers. */
export const allocation: readonly Clause[] = [
  {
    id: 'AL-01',
    level: 'must',
    title: 'answers one id with one container, whose paths exist and are absolute',
    shares: true,
    async check({ stage }) {
      using caller = await stage.caller();
      const responses = await caller.allocate(stage.ids(1));
      expect(responses.length === 1, `${responses.length} answers instead of one`);
      for (const response of responses) {
        const problem = await contentProblem(response, stage.place.prefix);
        expect(problem === undefined, problem ?? '');
      }
    },
  },
  {
    id: 'AL-02',
    level: 'must',
    title: 'gives a container all that its devices give, and nothing twice',
    shares: true,
    async check({ stage }) {
      const ids = stage.ids(2);
      using caller = await stage.caller();
      const [one = '', other = ''] = ids;
      const singles = [...(await caller.allocate([one])), ...(await caller.allocate([other]))];
      const [all] = await caller.allocate(ids);
      const problem = mergeProblem(all, singles);
      expect(problem === undefined, problem ?? '');
    },
  },
  {
    id: 'AL-03',
    level: 'must',
    title: 'answers each of several containers, in their order and each by itself',
    shares: true,
    async check({ stage }) {
      const [a = '', b = '', c = ''] = stage.ids(3);
      using caller = await stage.caller();
      const together = await caller.allocate([c], [a], [b]);
      expect(together.length === 3, `${together.length} answers to three requests`);
      for (const [i, id] of [c, a, b].entries()) {
        const [alone] = await caller.allocate([id]);
        const told = `answer ${i + 1} is not what ${id} gives when it is asked for alone`;
        expect(sameContent(together[i], alone), `${told}: ${differenceOf(together[i], alone)}`);
      }
    },
  },
  {
    id: 'AL-04',
    level: 'must',
    title: 'refuses an id that it does not have with NOT_FOUND or INVALID_ARGUMENT',
    shares: true,
    async check({ stage }) {
      using caller = await stage.caller();
      for (const ids of [[unknown], [...stage.ids(1), unknown]]) {
        const status = await statusOf(caller.allocate(ids));
        expect(status === 'NOT_FOUND' || status === 'INVALID_ARGUMENT', `answers ${status} to ${ids.join(', ')}`);
      }
      await stage.expectAlive();
    },
  },
  {
    id: 'AL-05',
    level: 'should',
    title: 'refuses an id that is Unhealthy with FAILED_PRECONDITION',
    needs: ['fail'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      await hook(context, 'fail')(stage.place, id);
      const isUnhealthy = (): boolean => stage.healthOf(id) === 'Unhealthy';
      await stage.until(isUnhealthy, budgets.changeMs, () => `${id} to be Unhealthy`);
      using caller = await stage.caller();
      const status = await statusOf(caller.allocate([id]));
      expect(status === 'FAILED_PRECONDITION', `answers ${status}`);
    },
  },
  {
    id: 'AL-06',
    level: 'must',
    title: 'gives an id again to whoever asks: kubelets reuse devices of init containers',
    shares: true,
    async check({ stage }) {
      const ids = stage.ids(1);
      using caller = await stage.caller();
      const [first] = await caller.allocate(ids);
      const [second] = await caller.allocate(ids);
      expect(sameContent(first, second), `the second answer is not the first: ${differenceOf(second, first)}`);
    },
  },
  {
    id: 'AL-07',
    level: 'must',
    title: 'gives an id that is named twice once, or refuses it with INVALID_ARGUMENT',
    shares: true,
    async check({ stage }) {
      const [id = ''] = stage.ids(1);
      using caller = await stage.caller();
      const status = await statusOf(caller.allocate([id, id]));
      if (status === 'INVALID_ARGUMENT') return 'refuses';
      expect(status === 'OK', `answers ${status}`);
      const [[twice], [once]] = [await caller.allocate([id, id]), await caller.allocate([id])];
      expect(
        sameContent(twice, once),
        `the answer to ${id} twice is not that to ${id} once: ${differenceOf(twice, once)}`,
      );
      return 'gives it once';
    },
  },
  {
    id: 'AL-08',
    level: 'must',
    title: 'answers a container without ids with nothing, or with INVALID_ARGUMENT',
    shares: true,
    async check({ stage }) {
      using caller = await stage.caller();
      const status = await statusOf(caller.allocate([]));
      expect(status === 'OK' || status === 'INVALID_ARGUMENT', `answers ${status}`);
      if (status !== 'OK') return;
      const [response] = await caller.allocate([]);
      const given = [...(response?.devices ?? []), ...(response?.mounts ?? []), ...(response?.cdiDevices ?? [])];
      expect(given.length === 0, `gives ${JSON.stringify(given)}`);
    },
  },
  {
    id: 'AL-09',
    level: 'must',
    title: 'answers no containers with no containers',
    shares: true,
    async check({ stage }) {
      using caller = await stage.caller();
      const responses = await caller.allocate();
      expect(responses.length === 0, `${responses.length} answers`);
    },
  },
  {
    id: 'AL-10',
    level: 'must',
    title: 'answers the same whatever the order of the ids',
    shares: true,
    async check({ stage }) {
      const ids = stage.ids(3);
      using caller = await stage.caller();
      const [[one], [other]] = [await caller.allocate(ids), await caller.allocate(ids.toReversed())];
      const told = `the answer to ${ids.toReversed().join(', ')} is not that to ${ids.join(', ')}`;
      expect(sameContent(one, other), `${told}: ${differenceOf(other, one)}`);
    },
  },
  ...allocationOverTime,
];

const unknown = 'conformance-no-such-device';
