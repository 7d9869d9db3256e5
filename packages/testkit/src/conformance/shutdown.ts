// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir, rename } from 'node:fs/promises';
import { SocketListener } from '../socket-listener.ts';
import { type Clause, expect, reach, Skipped } from './clause.ts';
import { HalfSentCall } from './half-sent-call.ts';
import { ListWatch } from './list-watch.ts';
import type { PluginProcess } from './plugin-process.ts';
import type { Stage } from './stage.ts';

/** How the plugin ends. */
export const shutdown: readonly Clause[] = [
  {
    id: 'SD-01',
    level: 'must',
    title: 'ends its streams, removes its socket and exits 0 on SIGTERM',
    async check({ stage, budgets }) {
      await stage.begin();
      stage.send('SIGTERM');
      await expectExit(stage, stage.plugin, budgets.exitMs);
      expect(stage.sockets.length === 0, `${stage.sockets.join(', ')} was left behind`);
      await stage.until(
        () => stage.view?.state === 'disconnected',
        budgets.exitMs,
        () => 'the stream to end',
      );
      const error = stage.eventsOf('streamEnded').at(-1)?.error;
      return error === undefined ? undefined : `the kubelet saw ${error.message}`;
    },
  },
  {
    id: 'SD-02',
    level: 'must',
    title: 'finishes an Allocate that is in flight before it exits',
    async check({ stage, budgets }) {
      await stage.begin();
      using call = await HalfSentCall.begin(stage.socketPath, stage.ids(1));
      stage.send('SIGTERM');
      await stage.pause(noticedMs);
      const isAnswered = await call.finish(budgets.callMs);
      expect(isAnswered, 'the call was cut');
      await expectExit(stage, stage.plugin, budgets.graceMs);
    },
  },
  {
    id: 'SD-03',
    level: 'must',
    title: 'does not wait for a reader that has stopped for longer than its grace',
    async check({ stage, budgets }) {
      await stage.begin();
      using stalled = new ListWatch(stage.socketPath, true);
      await stage.expectAlive();
      stage.send('SIGTERM');
      await expectExit(stage, stage.plugin, budgets.graceMs);
      expect(stalled.lists.length === 0, 'the stalled stream got a list');
    },
  },
  {
    id: 'SD-04',
    level: 'must',
    title: 'exits 0 on SIGINT, and at once on a second signal',
    async check({ stage, budgets }) {
      await stage.begin();
      stage.send('SIGINT');
      await expectExit(stage, stage.plugin, budgets.exitMs);
      stage.launch();
      await stage.live(2);
      using call = await HalfSentCall.begin(stage.socketPath, stage.ids(1));
      stage.send('SIGINT');
      await stage.pause(noticedMs);
      stage.send('SIGINT');
      stage.deed = 'sent SIGINT twice, with a call in flight';
      const hasExited = (): boolean => stage.plugin.exit !== undefined;
      await stage.until(hasExited, atOnceMs, () => 'the exit after the second signal');
      expect(!(await call.finish(budgets.callMs)), 'a process that has exited answered');
    },
  },
  {
    id: 'SD-05',
    level: 'must',
    title: 'does not remove a socket at its path that is another instance’s',
    async check({ stage, budgets }) {
      await stage.begin();
      const path = stage.socketPath;
      const other = new SocketListener(`${path}.other`, (connection) => connection.destroy());
      await other.listening();
      // In one step, or the plugin that misses its socket may be faster with another one.
      await rename(`${path}.other`, path);
      const { ino } = await lstat(path);
      try {
        stage.send('SIGTERM');
        const hasExited = (): boolean => stage.plugin.exit !== undefined;
        await stage.until(hasExited, budgets.graceMs, () => 'the exit');
        const found = await lstat(path).catch(() => undefined);
        expect(found?.ino === ino, 'the socket of the other instance is gone');
      } finally {
        await other.close();
      }
    },
  },
  {
    id: 'SD-06',
    level: 'must',
    title: 'exits 0 on SIGTERM while there is no kubelet',
    async check({ stage, budgets }) {
      await stage.prepare();
      await mkdir(stage.place.dir);
      const plugin = stage.launch();
      stage.deed = 'started the plugin without a kubelet';
      await stage.settle();
      await reach(
        'ST-09',
        Promise.try(() => stage.expectRunning()),
      );
      stage.send('SIGTERM');
      await expectExit(stage, plugin, budgets.exitMs);
    },
  },
  {
    id: 'SD-07',
    level: 'must',
    title: 'starts again after SIGKILL',
    async check({ stage }) {
      await stage.begin();
      for (const registrations of [2, 3]) {
        await stage.crash();
        stage.launch();
        stage.deed = 'killed the plugin by SIGKILL and started it again';
        await stage.live(registrations);
      }
      await stage.expectAlive();
    },
  },
  {
    id: 'SD-08',
    level: 'should',
    title: 'sends no list on its way out',
    async check({ stage, budgets }) {
      await stage.begin();
      const count = (): number => stage.eventsOf('listed').length;
      const before = count();
      stage.send('SIGTERM');
      await expectExit(stage, stage.plugin, budgets.exitMs);
      expect(count() === before, `${count() - before} lists came after SIGTERM`);
    },
  },
  {
    id: 'SD-09',
    level: 'must',
    title: 'exits with an error and a reason when its configuration is wrong',
    async check({ stage, subject, budgets }) {
      if (subject.fatalCommand === undefined) throw new Skipped('needs a command with a wrong configuration');
      await stage.prepare();
      await stage.kubelet.start();
      const plugin = stage.launch(subject.fatalCommand);
      await stage.until(
        () => plugin.exit !== undefined,
        budgets.registerMs,
        () => 'the exit',
      );
      expect(plugin.exit?.code !== 0, 'exits 0');
      expect(plugin.output.trim() !== '', 'says nothing');
      expect(stage.kubelet.calls.length === 0, 'has registered');
      return plugin.output.trim().split('\n')[0];
    },
  },
];

/** Until a process has noticed a signal. */
const noticedMs = 300;
/** Nothing is waited for any more; a busy machine may take its time all the same. */
const atOnceMs = 2_500;

async function expectExit(stage: Stage, plugin: PluginProcess, withinMs: number): Promise<void> {
  await stage.until(
    () => plugin.exit !== undefined,
    withinMs,
    () => 'the exit',
  );
  expect(plugin.exit?.code === 0, `the plugin ${plugin.told}`);
}
