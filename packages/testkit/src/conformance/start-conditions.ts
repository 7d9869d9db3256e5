// SPDX-License-Identifier: Apache-2.0
import { lstat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { type Clause, type ClauseContext, expect, hook, Skipped } from './clause.ts';
import { isAnswered } from './http-answer.ts';
import { answersOptions } from './raw-call.ts';

/** Starts beside another instance, without devices, with a name that is none, and by the plugin watcher. */
export const startConditions: readonly Clause[] = [
  {
    id: 'ST-08',
    level: 'should',
    title: 'leaves the socket of another instance that is alive where it is',
    differs: true,
    async check({ stage, budgets }) {
      await stage.begin();
      const { plugin: first, socketPath } = stage;
      const { ino } = await lstat(socketPath);
      const second = stage.launch();
      stage.deed = 'started a second instance';
      await stage.settle();
      expect(first.exit === undefined, `the first instance ${first.told}`);
      const found = await lstat(socketPath).catch(() => undefined);
      expect(found?.ino === ino, 'the socket of the first instance is gone');
      expect(await answersOptions(socketPath, budgets.callMs), 'nobody answers on the socket of the first instance');
      if (second.exit !== undefined) {
        expect(second.output.trim() !== '', 'the second instance has exited without a word');
        return 'the second instance exits with a message';
      }
      return stage.eventsOf('registered').length > 1 ? 'uses another name' : 'waits';
    },
  },
  {
    id: 'ST-14',
    level: 'should',
    title: 'says why the kubelet refuses it, and is not ready',
    async check({ stage, budgets, subject }) {
      const port = await stage.openPort().catch(() => undefined);
      const words = 'the examiner refuses this plugin';
      stage.kubeletWith({ faults: { register: { reject: words } } });
      await stage.prepare();
      await stage.kubelet.start();
      const plugin = stage.launch();
      stage.deed = 'refused each call of Register';
      await stage.until(
        () => plugin.output.includes(words),
        2 * budgets.registerMs,
        () => `the text of the refusal in its log, ${JSON.stringify(words)}`,
      );
      if (port === undefined) return 'readiness is not examined: needs {port}';
      const isReady = await isAnswered(port, subject.paths?.ready ?? '/readyz');
      expect(!isReady, 'says that it is ready');
      return plugin.exit === undefined ? 'goes on trying' : 'exits';
    },
  },
  {
    id: 'ST-16',
    level: 'should',
    title: 'registers without a device, or as soon as there is the first one',
    needs: ['empty', 'add'],
    async check(context) {
      const { stage, budgets } = context;
      await stage.prepare(hook(context, 'empty'));
      await stage.kubelet.start();
      stage.launch();
      stage.deed = 'started the plugin without a device';
      const isListed = (): boolean => stage.isConnected && stage.isListed();
      await stage.settle();
      stage.expectRunning();
      if (isListed()) {
        const { length } = stage.devices;
        expect(length === 0, `lists ${length} devices where there is none`);
        return 'an empty list';
      }
      await hook(context, 'add')(stage.place, undefined);
      await stage.live(1, budgets.registerMs + budgets.changeMs);
      return 'registers with its first device';
    },
  },
  {
    id: 'ST-18',
    level: 'should',
    title: 'refuses a resource name that no kubelet takes at its start',
    async check({ stage, subject, budgets }) {
      if (subject.badNameCommand === undefined) throw new Skipped('needs a command with a resource name that is none');
      await stage.prepare();
      await stage.kubelet.start();
      const plugin = stage.launch(subject.badNameCommand);
      stage.deed = 'started the plugin with a resource name that is none';
      await stage.until(
        () => plugin.exit !== undefined,
        budgets.registerMs,
        () => 'the exit',
      );
      expect(plugin.exit?.code !== 0, 'exits 0');
      expect(plugin.output.trim() !== '', 'says nothing');
      expect(stage.kubelet.calls.length === 0, 'has called Register');
      return plugin.output.trim().split('\n')[0];
    },
  },
  {
    id: 'ST-19',
    level: 'should',
    title: 'answers the plugin watcher of the kubelet, bears its refusal, and does not call Register besides',
    async check(context) {
      const { stage, subject, budgets } = context;
      if (subject.watcherCommand === undefined)
        throw new Skipped('needs a command that has the plugin wait for the plugin watcher');
      let asked = 0;
      stage.kubeletWith({
        pluginsRegistryDir: stage.place.registry,
        pluginWatcherPeriodMs: 50,
        faults: () => ({ options: (asked += 1) === 1 ? { error: 'the examiner refuses this plugin' } : 'ok' }),
      });
      await stage.prepare();
      await stage.kubelet.start();
      stage.launch(subject.watcherCommand);
      stage.deed = 'refused the plugin once that the plugin watcher had found';
      await stage.until(
        () => stage.isConnected && stage.isListed(),
        2 * budgets.registerMs,
        () => 'the resource to be connected by the plugin watcher',
      );
      expectWatched(context);
    },
  },
];

function expectWatched({ stage }: ClauseContext): void {
  const calls = stage.kubelet.calls.filter(({ method }) => method === 'Register').length;
  expect(calls === 0, `has called Register ${calls} times`);
  const { endpoint = '' } = stage.view ?? {};
  expect(isAbsolute(endpoint), `the endpoint is ${JSON.stringify(endpoint)}, neither absolute nor empty`);
}
