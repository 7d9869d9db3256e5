// SPDX-License-Identifier: Apache-2.0
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { Board } from './board.ts';
import { DemoPods, freeResource } from './demo-pods.ts';
import type { DeviceRow } from './table.ts';

function row(resource: string, more: Partial<DeviceRow> = {}): DeviceRow {
  return { resource, id: 'x', health: 'Healthy', numaNodes: [], hostNodes: [], ...more };
}

describe('freeResource()', () => {
  it.each([
    ['the first that is preferred', [row('b'), row('a')], 'a'],
    ['the next when all of the first are taken', [row('a', { allocatedTo: 'p/c' }), row('b')], 'b'],
    ['the next when all of the first are unhealthy', [row('a', { health: 'Unhealthy' }), row('b')], 'b'],
    ['one with another free device', [row('a', { allocatedTo: 'p/c' }), row('a', { id: 'y' }), row('b')], 'a'],
    ['nothing that is not preferred', [row('c')], undefined],
    ['nothing where there is nothing', [], undefined],
  ])('chooses %s', (_, rows, expected) => {
    expect(freeResource(rows, ['a', 'b'])).toBe(expected);
  });
});

describe('DemoPods', () => {
  it('takes resources in the order in which they are shown, whichever the kubelet heard of first', async () => {
    const board = new Board(() => 0);
    for (const color of ['yellow', 'red'])
      board.list(`example.com/${color}`, [{ id: 'x', health: 'Healthy', numaNodes: [] }]);
    const pods = new DemoPods(new FakeKubelet({ dir: '/nowhere' }), board, []);
    await expect(pods.create()).rejects.toThrow('unregistered device example.com/red');
  });

  it('tells why the kubelet refused a pod', async () => {
    const board = new Board(() => 0);
    board.list('example.com/ghost', [{ id: 'x', health: 'Healthy', numaNodes: [] }]);
    const pods = new DemoPods(new FakeKubelet({ dir: '/nowhere' }), board, ['example.com/ghost']);
    await expect(pods.create()).rejects.toThrow(
      /^the kubelet refused pod demo-1: Allocate failed due to cannot allocate unregistered device example.com\/ghost/,
    );
    expect(pods.deleteLast()).toBe(false);
  });
});
