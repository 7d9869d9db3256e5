// SPDX-License-Identifier: Apache-2.0
import { type Clause, type ClauseContext, expect, Skipped } from './clause.ts';
import { type PluginCaller, statusOf } from './plugin-caller.ts';

/** What becomes of PreStartContainer. */
export const prestart: readonly Clause[] = [
  {
    id: 'PS-01',
    level: 'must',
    title: 'prepares devices for a container, and again when it is started again',
    shares: true,
    async check(context) {
      using caller = await preparing(context);
      const ids = context.stage.ids(1);
      await caller.preStart(ids, context.budgets.preStartMs);
      await caller.preStart(ids, context.budgets.preStartMs);
    },
  },
  {
    id: 'PS-02',
    level: 'must',
    title: 'ends the preparation, well or not, before the kubelet gives up, and bears that it is cancelled',
    shares: true,
    async check(context) {
      using caller = await preparing(context);
      const ids = context.stage.ids(1);
      const cancelled = await statusOf(caller.preStart(ids, 1));
      expect(
        cancelled === 'OK' || cancelled === 'DEADLINE_EXCEEDED' || cancelled === 'CANCELLED',
        `answers ${cancelled}`,
      );
      // What is still under way ends, or ought to.
      await context.stage.pause(300);
      const status = await statusOf(caller.preStart(ids, context.budgets.preStartMs));
      expect(status !== 'DEADLINE_EXCEEDED', `no answer within ${context.budgets.preStartMs} ms`);
      await context.stage.expectAlive();
    },
  },
  {
    id: 'PS-03',
    level: 'must',
    title: 'refuses to prepare a device that it does not have',
    shares: true,
    async check(context) {
      using caller = await preparing(context);
      const status = await statusOf(caller.preStart(['conformance-no-such-device']));
      expect(status !== 'OK' && status !== 'DEADLINE_EXCEEDED', `answers ${status}`);
      await context.stage.expectAlive();
    },
  },
  {
    id: 'PS-04',
    level: 'must',
    title: 'does nothing, or answers UNIMPLEMENTED, when it did not say that it prepares devices',
    shares: true,
    async check({ stage }) {
      using caller = await stage.caller();
      if ((await caller.options()).preStartRequired) throw new Skipped('the plugin prepares devices');
      const status = await statusOf(caller.preStart(stage.ids(1)));
      expect(status === 'OK' || status === 'UNIMPLEMENTED', `answers ${status}`);
      await stage.expectAlive();
    },
  },
];

async function preparing({ stage }: ClauseContext): Promise<PluginCaller> {
  const caller = await stage.caller();
  if ((await caller.options()).preStartRequired) return caller;
  caller[Symbol.dispose]();
  throw new Skipped('the plugin prepares nothing');
}
