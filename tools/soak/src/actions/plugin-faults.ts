// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { rename, rm, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Fault } from '../plan/action.ts';
import { openFileLimit, openFiles } from '../world/proc.ts';
import type { KubeletFault } from './kubelet-faults.ts';
import type { Performers, Stage } from './performer.ts';

const run = promisify(execFile);

export const pluginFaults: Performers<Exclude<Fault, KubeletFault>> = {
  'kill-plugin': ({ downMs }, stage) => endAndStart(stage, 'SIGKILL', downMs),
  'stop-plugin': ({ downMs }, stage) => endAndStart(stage, 'SIGTERM', downMs),
  'freeze-plugin': ({ holdMs }, stage) =>
    veiled(stage, 'plugin', async () => {
      const process = stage.world.plugin.run;
      process.signal('SIGSTOP');
      await stage.pause(holdMs).finally(() => process.signal('SIGCONT'));
    }),
  'jump-clock': ({ byMs }, { world }) =>
    world.lanes.run('plugin', () => {
      world.plugin.run.jumpClock(byMs);
      return Promise.resolve();
    }),
  'exhaust-files': ({ spare, holdMs }, stage) =>
    veiled(stage, 'plugin', async () => {
      const { pid } = stage.world.plugin.run;
      const limit = openFileLimit(pid);
      await limitOpenFiles(pid, String(Math.max(...openFiles(pid)) + 1 + spare));
      await stage.pause(holdMs);
      await limitOpenFiles(pid, limit);
    }),
  'fill-cdi-disk': ({ holdMs }, { world: { lanes, disk }, pause }) =>
    lanes.run('cdi', async () => {
      await disk.fill();
      await pause(holdMs);
      await disk.empty();
    }),
  'break-scan': ({ holdMs }, stage) =>
    veiled(stage, 'host', async () => {
      const directory = stage.world.host.path(stage.subject.scanned);
      await rename(directory, `${directory}.away`);
      await symlink(directory, directory);
      await stage.pause(holdMs);
      await rm(directory);
      await rename(`${directory}.away`, directory);
    }),
};

function endAndStart(stage: Stage, signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<void> {
  return veiled(stage, 'plugin', async () => {
    await stage.world.plugin.end(signal);
    await stage.pause(downMs);
    stage.world.plugin.start();
  });
}

/** While this goes on, the plugin cannot know what happens on its host. */
function veiled({ world, nowMs }: Stage, lane: 'plugin' | 'host', work: () => Promise<void>): Promise<void> {
  return world.lanes.run(lane, async () => {
    world.truth.veil();
    await work();
    world.truth.unveil(nowMs());
  });
}

/** The soft limit of a process that runs. Source: prlimit(1), of util-linux. */
async function limitOpenFiles(pid: number, limit: string): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--nofile=${limit}:`]);
}
