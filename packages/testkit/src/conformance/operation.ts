// SPDX-License-Identifier: Apache-2.0
import { type Clause, type ClauseContext, expect, hook, reach } from './clause.ts';
import { isAnswered, textAt } from './http-answer.ts';
import { statusOf } from './plugin-caller.ts';

/** What operators meet: clocks that jump, and figures to look at. */
export const operation: readonly Clause[] = [
  {
    id: 'RB-13',
    level: 'should',
    title: 'goes on when its clock jumps by an hour, forward or back',
    needs: ['shiftClock'],
    async check(context) {
      const { stage } = context;
      await stage.begin();
      const shift = async (seconds: number): Promise<void> => await hook(context, 'shiftClock')(stage.place, seconds);
      let offset = 0;
      try {
        for (const [step, [by, told]] of jumps.entries()) {
          await shift(by);
          offset += by;
          await stage.pause(settleMs);
          await stage.expectAlive();
          await stage.restart('graceful');
          stage.deed = `set the clock an hour ${told}, and restarted the kubelet`;
          await stage.live(step + 2);
        }
      } finally {
        await shift(-offset);
      }
    },
  },
  {
    id: 'RB-16',
    level: 'should',
    title:
      'counts registrations, streams, devices, calls of Allocate and errors, and is ready while the kubelet listens',
    async check(context) {
      const { stage, budgets, subject } = context;
      const { ready = '/readyz', metrics = '/metrics' } = subject.paths ?? {};
      const port = await stage.openPort();
      await stage.begin();
      const first = await metricsAfterCalls(context, port, metrics);
      const missing = families.filter(([, pattern]) => !pattern.test(first)).map(([what]) => what);
      expect(missing.length === 0, `${metrics} has nothing about ${missing.join(', ')}`);
      const second = await metricsAfterCalls(context, port, metrics);
      expect(allocations(first) !== allocations(second), `${metrics} does not count calls of Allocate`);
      await stage.until(
        () => stage.isConnected,
        budgets.registerMs,
        () => 'the stream',
      );
      expect(await isAnswered(port, ready), `${ready} fails while the kubelet listens`);
      stage.deed = 'stopped the kubelet';
      await stage.kubelet.stop('crash');
      const endMs = performance.now() + budgets.registerMs;
      while ((await isAnswered(port, ready)) && performance.now() < endMs) await stage.pause(100);
      expect(!(await isAnswered(port, ready)), `${ready} still says that it is ready`);
    },
  },
];

const jumps = [
  [3600, 'forward'],
  [-7200, 'back'],
] as const;
const settleMs = 300;

const families: readonly (readonly [string, RegExp])[] = [
  ['registrations', /^[^#\n]*regist/im],
  ['streams', /^[^#\n]*(stream|list_?and_?watch|connect)/im],
  ['devices', /^[^#\n]*device/im],
  ['calls of Allocate', /^[^#\n]*alloc/im],
  ['errors', /^[^#\n]*(error|fail)/im],
];

/** After a call of Allocate that succeeds, and one that fails. */
async function metricsAfterCalls({ stage }: ClauseContext, port: string, path: string): Promise<string> {
  using caller = await stage.caller();
  await reach('AL-01', caller.allocate(stage.ids(1)));
  await statusOf(caller.allocate(['conformance-no-such-device']));
  return await textAt(port, path);
}

function allocations(metrics: string): string {
  return metrics
    .split('\n')
    .filter((line) => /^[^#]*alloc/i.test(line))
    .join('\n');
}
