// SPDX-License-Identifier: Apache-2.0
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';
import { LiveTable } from './live-table.ts';
import { plain, Screen } from '@kube-device-plugins/terminal';
import type { Session } from './session.ts';

function tableOf(overrides: Partial<Session>) {
  const written: string[] = [];
  const screen = new Screen({ write: (text) => written.push(text), columns: 100, rows: 30 });
  screen.open();
  const board = new Board(() => 0);
  const session: Session = {
    board,
    pluginName: 'simple-plugin',
    pluginPid: 7,
    kubeletDirectory: '/k',
    kubelet: undefined,
    slot: undefined,
    resources: ['example.com/ghost'],
    startedMs: performance.now(),
    ...overrides,
  };
  return { board, written, table: new LiveTable(session, screen, { paint: plain, notices: [], hasKeys: true }) };
}

describe('LiveTable', () => {
  it('notes what fails, and goes on', async () => {
    const { board, table } = tableOf({ kubelet: new FakeKubelet({ dir: '/nowhere' }) });
    board.list('example.com/ghost', [{ id: 'x', health: 'Healthy', numaNodes: [] }]);
    await table.act('allocate');
    expect(board.events.at(-1)).toMatchObject({
      text: expect.stringMatching(/^allocate failed: the kubelet refused pod demo-1: /) as unknown,
      isBad: true,
    });
    await table.act('delete');
    expect(board.events.at(-1)?.text).toBe('there is no demo pod to delete');
  });

  it("leaves the host's kubelet alone, whatever is pressed", async () => {
    const { board, written, table } = tableOf({});
    for (const action of ['allocate', 'delete', 'restart', 'plug', 'quit'] as const) await table.act(action);
    expect(board.events).toEqual([]);
    table.draw();
    expect(written.join('')).toContain("simple-plugin (pid 7), up 0 s, with the host's kubelet in /k");
    expect(written.join('')).toContain(';1Hq quit\x1b[K');
  });
});
