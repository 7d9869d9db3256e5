// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';
import { FollowPlugin } from './follow-plugin.ts';
import type { PluginLogRecord } from './plugin-log.ts';

function record(message: string, fields: Record<string, unknown>): PluginLogRecord {
  return { level: 'info', message, fields };
}

describe('FollowPlugin', () => {
  it('waits until the plugin says that it has registered, and where', () => {
    const board = new Board(() => 0);
    using follower = new FollowPlugin('/nowhere', board);
    follower.logged(record('serving', { resource: 'example.com/a', socket: 'a.sock' }));
    follower.logged(record('registered with the kubelet', { resource: 'example.com/a' }));
    follower.logged(record('registered with the kubelet', { socket: 'a.sock' }));
    expect(board.events).toEqual([]);
  });

  it('forgets a resource whose stream ends, and says so once', async () => {
    const board = new Board(() => 0);
    using follower = new FollowPlugin('/nowhere', board);
    board.list('example.com/a', [{ id: 'x', health: 'Healthy', numaNodes: [] }]);
    follower.logged(record('registered with the kubelet', { resource: 'example.com/a', socket: 'a.sock' }));
    await expect.poll(() => board.rows).toEqual([]);
    expect(board.events.slice(1)).toEqual([
      { atMs: 0, text: 'example.com/a registered', isBad: false },
      { atMs: 0, text: 'example.com/a ended its stream', isBad: true },
    ]);
  });

  it('hears nothing more once it is disposed of', async () => {
    const board = new Board(() => 0);
    const follower = new FollowPlugin('/nowhere', board);
    follower.logged(record('registered with the kubelet', { resource: 'example.com/a', socket: 'a.sock' }));
    follower[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(board.events).toHaveLength(1);
  });
});
