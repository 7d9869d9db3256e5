// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';
import { untilListed } from './until-listed.ts';

const never = new AbortController().signal;
const resources = ['example.com/a', 'example.com/b'];

function device(id: string, health = 'Healthy') {
  return { id, health, numaNodes: [] };
}

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
