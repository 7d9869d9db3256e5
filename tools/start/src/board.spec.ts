// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Board, count, type BoardEvent, type ListedDevice } from './board.ts';

const resource = 'host.example.com/loop';

function device(id: string, health = 'Healthy'): ListedDevice {
  return { id, health, numaNodes: [] };
}

function texts(board: Board): string[] {
  return board.events.map(({ text }) => text);
}

describe('Board', () => {
  it('notes a first list as one event', () => {
    const board = new Board(() => 7);
    board.list(resource, [device('loop0'), device('loop1')]);
    expect(board.events).toEqual([{ atMs: 7, text: `${resource} listed 2 devices`, isBad: false }]);
    expect(board.resources).toEqual([resource]);
  });

  it('notes what a later list changes', () => {
    const board = new Board(() => 0);
    board.list(resource, [device('loop0'), device('loop1'), device('loop2')]);
    board.list(resource, [device('loop0', 'Unhealthy'), device('loop1'), device('loop3')]);
    expect(board.events.slice(1)).toEqual([
      { atMs: 0, text: `${resource} loop0 is Unhealthy now`, isBad: true },
      { atMs: 0, text: `${resource} loop3 added, Healthy`, isBad: false },
      { atMs: 0, text: `${resource} loop2 removed`, isBad: true },
    ]);
  });

  it('remembers the last warnings of the plugin, which are events too', () => {
    const board = new Board(() => 0);
    for (let number = 0; number < 7; number += 1) board.warn(`no ${number}`);
    for (let number = 0; number < 300; number += 1) board.note('something else');
    expect(board.warnings.map(({ text }) => text)).toEqual([2, 3, 4, 5, 6].map((number) => `plugin: no ${number}`));
    expect(board.warnings.every(({ isBad }) => isBad)).toBe(true);
    board.warn('last');
    expect(board.events.at(-1)).toBe(board.warnings.at(-1));
  });

  it('notes a list that changes nothing, because a list was received', () => {
    const board = new Board(() => 0);
    board.list(resource, [device('loop0')]);
    board.list(resource, [device('loop0')]);
    expect(texts(board)).toEqual([`${resource} listed 1 device`, `${resource} listed 1 device`]);
  });

  it('sums up a list that changes very much', () => {
    const board = new Board(() => 0);
    board.list(resource, []);
    board.list(
      resource,
      Array.from({ length: 1_000 }, (_, index) => device(`loop${index}`)),
    );
    expect(texts(board)).toHaveLength(1 + 8 + 1);
    expect(texts(board).at(-1)).toBe(`${resource} and 992 changes more`);
  });

  it('keeps the nodes of a device from list to list', () => {
    const board = new Board(() => 0);
    board.list(resource, [device('loop0')]);
    board.describe(resource, 'loop0', ['/dev/loop0']);
    board.list(resource, [{ ...device('loop0', 'Unhealthy'), allocatedTo: 'demo-1/main' }]);
    const row = { resource, id: 'loop0', health: 'Unhealthy', numaNodes: [], hostNodes: ['/dev/loop0'] };
    expect(board.rows).toEqual([{ ...row, allocatedTo: 'demo-1/main' }]);
  });

  it('takes and frees devices', () => {
    const board = new Board(() => 0);
    board.list(resource, [device('loop0')]);
    board.assign(resource, 'loop0', 'demo-1/main');
    expect(board.rows[0]?.allocatedTo).toBe('demo-1/main');
    board.assign(resource, 'loop0', undefined);
    expect(board.rows[0]?.allocatedTo).toBeUndefined();
    expect(board.events).toHaveLength(1);
  });

  it('ignores what is said about a device that is gone', () => {
    const board = new Board(() => 0);
    board.list(resource, []);
    board.describe(resource, 'loop0', ['/dev/loop0']);
    board.assign('nothing.example.com/here', 'loop0', 'demo-1/main');
    expect(board.rows).toEqual([]);
  });

  it('forgets resources without an event', () => {
    const board = new Board(() => 0);
    board.list(resource, [device('loop0')]);
    board.forget(board.resources);
    expect(board.rows).toEqual([]);
    board.list(resource, [device('loop0')]);
    expect(texts(board)).toEqual([`${resource} listed 1 device`, `${resource} listed 1 device`]);
  });

  it('sorts by resource and id, numbers by their value', () => {
    const board = new Board(() => 0);
    board.list(
      resource,
      ['loop10', 'loop9', 'loop1'].map((id) => device(id)),
    );
    board.list('a.example.com/first', [device('x')]);
    expect(board.rows.map(({ id }) => id)).toEqual(['x', 'loop1', 'loop9', 'loop10']);
  });

  it('tells its listeners of each change until they had enough', () => {
    const board = new Board(() => 0);
    const heard: (BoardEvent | undefined)[] = [];
    const unsubscribe = board.subscribe((event) => heard.push(event));
    board.list(resource, [device('loop0')]);
    board.describe(resource, 'loop0', []);
    unsubscribe();
    board.note('later');
    expect(heard.map((event) => event?.text)).toEqual([`${resource} listed 1 device`, undefined]);
  });

  it('remembers the last 200 events', () => {
    const board = new Board(() => 0);
    for (let index = 0; index < 250; index += 1) board.note(String(index));
    expect(texts(board)).toHaveLength(200);
    expect(texts(board)[0]).toBe('50');
  });

  it('has exactly the devices of the last list, whatever came before', () => {
    const anyList = fc.uniqueArray(fc.record({ id: fc.string(), health: fc.constantFrom('Healthy', 'Unhealthy') }), {
      selector: ({ id }) => id,
    });
    fc.assert(
      fc.property(fc.array(anyList, { minLength: 1, maxLength: 5 }), (lists) => {
        const board = new Board(() => 0);
        for (const list of lists)
          board.list(
            resource,
            list.map(({ id, health }) => device(id, health)),
          );
        const shown = new Map(board.rows.map(({ id, health }) => [id, health]));
        expect(shown).toEqual(new Map((lists.at(-1) ?? []).map(({ id, health }) => [id, health])));
      }),
    );
  });
});

describe('count()', () => {
  it.each([
    [0, '0 pods'],
    [1, '1 pod'],
    [2, '2 pods'],
  ])('counts %i as %s', (number, expected) => {
    expect(count(number, 'pod')).toBe(expected);
  });
});
