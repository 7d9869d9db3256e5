// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { messageOf } from '@kube-device-plugins/core';
import { type Clause, expect, reach, Skipped } from './clause.ts';
import { statusOf } from './plugin-caller.ts';
import { isGiven } from './subject.ts';

/** The host has run out of something. */
export const withoutInotify: readonly Clause[] = [
  {
    id: 'RS-21',
    level: 'should',
    title: 'notices its lost socket and a new kubelet without inotify as well',
    async check({ stage, subject, budgets }) {
      const setup = 'echo 0 > /proc/sys/user/max_inotify_instances';
      await stage.begin(await inNamespace(setup, [], subject.command));
      stage.deleteSocket();
      stage.deed = 'deleted the socket of the plugin, which has no inotify';
      await stage.live(2, 2 * budgets.registerMs);
      await stage.restart('graceful');
      await stage.live(3, 2 * budgets.registerMs);
    },
  },
];

/** See {@link withoutInotify}. */
export const fullDisk: readonly Clause[] = [
  {
    id: 'RB-12',
    level: 'should',
    title: 'fails Allocate while the disk is full on which it writes CDI specs, and serves everything else',
    async check({ stage, subject, budgets }) {
      if (!isGiven('cdi', subject)) throw new Skipped('needs {cdi} in the command');
      const { cdi } = stage.place;
      await mkdir(cdi, { recursive: true });
      // One page and two inodes, of the directory and of the file that fills it.
      const setup = 'mount -t tmpfs -o size=4k,nr_inodes=2 none "$1" && head -c 4096 /dev/zero > "$1/full"';
      await reach('ST-01', stage.begin(await inNamespace(setup, [cdi], subject.command)));
      stage.deed = 'filled the disk for CDI specs';
      using caller = await stage.caller();
      const [id = ''] = stage.ids(1);
      const status = await statusOf(caller.allocate([id]));
      if (status === 'OK') {
        const [response] = await caller.allocate([id]);
        if (response?.cdiDevices.length === 0) throw new Skipped('needs a plugin that gives CDI devices');
        expect(false, `gives ${JSON.stringify(response?.cdiDevices)}, which no runtime can find`);
      }
      await stage.pause(budgets.firstListMs);
      await stage.expectAlive();
      expect(stage.isConnected, 'the stream of the kubelet has ended');
      return `answers ${status}`;
    },
  },
];

/**
 * The command in user and mount namespaces of its own, behind a line of shell that takes something away there; its parameters are $1 and
 * so on. @throws Skipped where such namespaces cannot be made.
 */
async function inNamespace(setup: string, args: readonly string[], command: readonly string[]): Promise<string[]> {
  const script = `${setup} && shift ${args.length} && exec "$@"`;
  const within = (inner: readonly string[]): [string, ...string[]] => [
    'unshare',
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    ...args,
    ...inner,
  ];
  const [file, ...rest] = within(['true']);
  try {
    await promisify(execFile)(file, rest);
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n').slice(-1);
    throw new Skipped(`needs user namespaces (unshare --user --map-root-user --mount): ${reason}`);
  }
  return within(command);
}
