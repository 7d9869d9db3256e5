// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';
import { listLimitMs, untilListed } from './until-listed.ts';

const never = new AbortController().signal;
const resources = ['example.com/a', 'example.com/b'];

function device(id: string, health = 'Healthy') {
  return { id, health, numaNodes: [] };
}

describe('listLimitMs()', () => {
  it('is shorter where there may be nothing', () => {
    expect(listLimitMs({ resources: [] })).toBeLessThan(listLimitMs({ resources }));
  });
});

describe('untilListed()', () => {
  it('waits until each resource has listed, and each healthy device is described', async () => {
    const board = new Board(() => 0);
    let isDone = false;
    const waiting = untilListed({ board, resources }, 10_000, never).then(() => (isDone = true));
    board.list('example.com/a', [device('one')]);
    board.list('example.com/b', [device('broken', 'Unhealthy')]);
    await Promise.resolve();
    expect(isDone).toBe(false);
    board.describe('example.com/a', 'one', []);
    await waiting;
    expect(isDone).toBe(true);
  });

  it('waits for a moment of quiet where the resources are not known', async () => {
    const board = new Board(() => 0);
    let listed: readonly string[] = [];
    const waiting = untilListed({ board, resources: [] }, 10_000, never).then(() => (listed = board.resources));
    board.list('example.com/a', []);
    // Behind the first, as registrations are.
    await Promise.resolve();
    board.list('example.com/b', [device('one')]);
    board.describe('example.com/b', 'one', []);
    await waiting;
    expect(listed).toEqual(['example.com/a', 'example.com/b']);
  });

  it('says when there is nothing at all', async () => {
    const waiting = untilListed({ board: new Board(() => 0), resources: [] }, 1, never);
    await expect(waiting).rejects.toThrow('after 0.001 s the plugin has found no devices');
  });

  it('does not wait when there is nothing to wait for', async () => {
    const board = new Board(() => 0);
    for (const resource of resources) board.list(resource, []);
    await untilListed({ board, resources }, 10_000, never);
  });

  it('says what has not come, and what came last', async () => {
    const board = new Board(() => 0);
    board.list('example.com/a', []);
    await expect(untilListed({ board, resources }, 1, never)).rejects.toThrow(
      /^after 0.001 s example.com\/b listed nothing; the last events:\n {2}example.com\/a listed 0 devices$/,
    );
  });

  it('says how many devices were not described', async () => {
    const board = new Board(() => 0);
    for (const resource of resources) board.list(resource, [device('one')]);
    await expect(untilListed({ board, resources }, 1, never)).rejects.toThrow('2 devices had no description');
  });
});
