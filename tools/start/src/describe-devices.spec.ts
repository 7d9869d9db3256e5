// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';
import { describeDevices } from './describe-devices.ts';

const resource = 'example.com/a';

function boardWith(...healths: string[]): Board {
  const board = new Board(() => 0);
  board.list(
    resource,
    healths.map((health, index) => ({ id: `d${index}`, health, numaNodes: [] })),
  );
  return board;
}

describe('describeDevices()', () => {
  it('asks for each device once, except for those that nobody could allocate', async () => {
    const board = boardWith('Healthy', 'Unhealthy', 'Healthy');
    board.list('example.com/other', [{ id: 'x', health: 'Healthy', numaNodes: [] }]);
    const asked: string[] = [];
    const ask = (_: string, id: string) => Promise.resolve([`/dev/${asked.push(id)}`]);
    await describeDevices(board, resource, ask);
    await describeDevices(board, resource, ask);
    expect(asked).toEqual(['d0', 'd2']);
    expect(board.rows.map(({ hostNodes }) => hostNodes)).toEqual([['/dev/1'], undefined, ['/dev/2'], undefined]);
  });

  it.each([
    [new Error('no'), 'no'],
    ['no', 'no'],
  ])('tells why it got no answer, and asks no further', async (failure, text) => {
    const board = boardWith('Healthy', 'Healthy');
    let asked = 0;
    await describeDevices(board, resource, () => {
      asked += 1;
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is thrown is foreign
      return Promise.reject(failure);
    });
    expect(asked).toBe(1);
    expect(board.events.at(-1)).toMatchObject({
      text: `${resource} d0 has no host nodes to show: ${text}`,
      isBad: true,
    });
  });

  it('says nothing of a device that went while it asked', async () => {
    const board = boardWith('Healthy', 'Healthy');
    await describeDevices(board, resource, (_, id) => {
      if (id === 'd0') board.list(resource, [{ id: 'd1', health: 'Healthy', numaNodes: [] }]);
      return id === 'd0' ? Promise.reject(new Error('no')) : Promise.resolve(['/dev/d1']);
    });
    expect(board.rows).toMatchObject([{ id: 'd1', hostNodes: ['/dev/d1'] }]);
    expect(board.events.at(-1)?.text).toBe(`${resource} d0 removed`);
  });
});
