// SPDX-License-Identifier: Apache-2.0
import { readListOnce } from '../foreign-clients.ts';
import { type Clause, type ClauseContext, ClauseFailure, expect, hook } from './clause.ts';
import { ListWatch } from './list-watch.ts';

/** Many streams of ListAndWatch, at a time and one after another. */
export const streams: readonly Clause[] = [
  {
    id: 'RS-13',
    level: 'must',
    title: 'serves a second stream beside the first, and goes on when the first is closed',
    needs: ['fail', 'recover'],
    async check(context) {
      const { stage } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      using second = new ListWatch(stage.socketPath);
      {
        using first = new ListWatch(stage.socketPath);
        await hook(context, 'fail')(stage.place, id);
        await allSee(context, [first, second], id, 'Unhealthy');
      }
      await hook(context, 'recover')(stage.place, id);
      await allSee(context, [second], id, 'Healthy');
    },
  },
  {
    id: 'RS-14',
    level: 'must',
    title: 'tells 50 streams at a time',
    needs: ['fail'],
    async check(context) {
      const { stage } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      using stack = new DisposableStack();
      const watches = Array.from({ length: 50 }, () => stack.use(new ListWatch(stage.socketPath)));
      await allSee(context, watches, id, 'Healthy');
      await hook(context, 'fail')(stage.place, id);
      await allSee(context, watches, id, 'Unhealthy');
    },
  },
  {
    id: 'RS-15',
    level: 'must',
    title: 'keeps nothing of 1,000 streams that were opened and cancelled',
    async check({ stage, budgets }) {
      await stage.begin();
      stage.deed = `opened and cancelled ${cycles} streams, over and over`;
      await openAndCancel(stage.socketPath, warmUpCycles);
      const filesBefore = stage.plugin.openFiles;
      const grownMib: number[] = [];
      do {
        const before = stage.plugin.residentBytes;
        await openAndCancel(stage.socketPath, cycles);
        await stage.expectAlive();
        const after = stage.plugin.residentBytes;
        if (before === undefined || after === undefined || filesBefore === undefined)
          return 'files and memory are not known on this system';
        grownMib.push(Math.round((after - before) / 2 ** 20));
      } while ((grownMib.at(-1) ?? 0) >= leakMib && grownMib.length < rounds);
      const files = (): number => (stage.plugin.openFiles ?? 0) - filesBefore;
      await stage.until(
        () => files() <= fewFiles,
        budgets.callMs,
        () => `files to be closed; ${files()} more are open than before`,
      );
      const told = `memory grew by ${grownMib.join(', ')} MiB`;
      expect((grownMib.at(-1) ?? 0) < leakMib, `${told}, each time`);
      return `${told}, ${files()} more files are open`;
    },
  },
  {
    id: 'RS-16',
    level: 'must',
    title: 'does not let a reader that has stopped hold up the others',
    needs: ['fail', 'recover'],
    async check(context) {
      const { stage } = context;
      await stage.begin();
      const [id = ''] = stage.ids(1);
      using stalled = new ListWatch(stage.socketPath, true);
      using one = new ListWatch(stage.socketPath);
      using other = new ListWatch(stage.socketPath);
      for (const [change, health] of [
        ['fail', 'Unhealthy'],
        ['recover', 'Healthy'],
        ['fail', 'Unhealthy'],
      ] as const) {
        await hook(context, change)(stage.place, id);
        await allSee(context, [one, other], id, health);
      }
      expect(stalled.lists.length === 0, 'the stalled stream got a list');
    },
  },
];

const warmUpCycles = 200;
const cycles = 1000;
const rounds = 10;
/** Of each round: 8 KiB for each stream, less than a handler with its buffers takes. Heaps breathe, but do not grow by it each time. */
const leakMib = 8;
const fewFiles = 10;

async function allSee(
  { stage, budgets }: ClauseContext,
  watches: readonly ListWatch[],
  id: string,
  health: string,
): Promise<void> {
  const count = (): number => watches.filter(({ newest }) => newest?.get(id) === health).length;
  const isOver = (): boolean => watches.some((watch) => watch.isOver);
  await stage.until(
    () => count() === watches.length || isOver(),
    budgets.changeMs,
    () => `${id} to be ${health} on all ${watches.length} streams; it is on ${count()}`,
  );
  if (isOver()) throw new ClauseFailure('a stream has ended');
}

async function openAndCancel(socketPath: string, times: number): Promise<void> {
  const atATime = 10;
  for (let done = 0; done < times; done += atATime) {
    await Promise.all(Array.from({ length: atATime }, async () => await readListOnce(socketPath)));
  }
}
