// SPDX-License-Identifier: Apache-2.0
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';
import { plain } from '@kube-device-plugins/terminal';
import { runOnce } from './run-once.ts';

const output = { write: () => undefined, columns: 100, paint: plain, notices: [] };
const never = new AbortController().signal;

describe('runOnce()', () => {
  it.each([
    [
      'no device is healthy',
      new FakeKubelet({ dir: '/nowhere' }),
      /^no device to give: 1 listed.*\n {2}plugin: it is broken$/,
    ],
    ["the kubelet is the host's", undefined, 'only the embedded kubelet'],
  ])('fails when %s', async (_, kubelet, message) => {
    const board = new Board(() => 0);
    board.list('example.com/a', [{ id: 'x', health: 'Unhealthy', numaNodes: [] }]);
    board.warn('it is broken');
    const resources = ['example.com/a'];
    const session = {
      board,
      kubelet,
      resources,
      pluginName: 'simple-plugin',
      pluginPid: 7,
      kubeletDirectory: '/k',
      slot: undefined,
      startedMs: 0,
    };
    await expect(runOnce(session, output, never)).rejects.toThrow(message);
  });
});
