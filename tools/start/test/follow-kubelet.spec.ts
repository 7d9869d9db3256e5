// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { expect, it } from 'vitest';
import { Board } from '../src/board.ts';
import { followKubelet } from '../src/follow-kubelet.ts';
import { startPlugin } from '../src/plugin-process.ts';
import { createWorld, pluginFile } from './world.ts';

it('notes a registration that the kubelet refuses, and the one that works', async () => {
  const world = await createWorld();
  const dir = join(world.directory, 'k');
  let refusals = 1;
  const kubelet = new FakeKubelet({
    dir,
    beforeRegister: () => (refusals-- > 0 ? Promise.reject(new Error('not now')) : Promise.resolve()),
  });
  const board = new Board(() => 0);
  followKubelet(kubelet, board);
  await kubelet.start();
  const args = ['-device-plugin-path', dir, '-cdi-dir', join(world.directory, 'cdi'), '-metrics-bind-address', '0'];
  const plugin = startPlugin(pluginFile, args, () => undefined);
  await expect.poll(() => board.rows.map(({ hostNodes }) => hostNodes)).toEqual([[], []]);
  await plugin.stop(5_000);
  await expect.poll(() => board.rows.every(({ health }) => health === 'Unhealthy')).toBe(true);
  await kubelet.stop();
  expect(board.events.map(({ text }) => text)).toEqual([
    'kubelet started',
    'example.com/simple-device could not register: not now',
    'example.com/simple-device registered',
    'example.com/simple-device listed 2 devices',
    expect.stringMatching(/^example.com\/simple-device ended its stream/),
    expect.stringMatching(/is Unhealthy now$/),
    expect.stringMatching(/is Unhealthy now$/),
    'kubelet stopped',
  ]);
  expect(await world.end()).toEqual([]);
});
