// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { devices } from '../../test/devices.ts';
import type { Devices } from '../device-tree.ts';
import { DeviceHistory, maxOfAll, maxOfDevice, type DeviceTransitions } from './device-history.ts';

const nothing: DeviceTransitions = { added: [], removed: [], recovered: [], failed: [] };
const none: Devices = new Map();

function failing(id: string, healthReason: string): Devices {
  return new Map([[id, { health: 'Unhealthy', healthReason, nodes: [] }]]);
}

describe('DeviceHistory', () => {
  it('keeps what became of a device, oldest first', () => {
    const history = new DeviceHistory();
    history.add('a/b', { ...nothing, added: ['x'] }, devices('x'), 1);
    history.add('a/b', { ...nothing, failed: ['x'] }, failing('x', 'heat'), 2);
    history.add('a/b', { ...nothing, recovered: ['x'] }, devices('x'), 3);
    history.add('a/b', { ...nothing, removed: ['x'] }, none, 4);
    expect(history.of('a/b', 'x')).toEqual([
      { to: 'added', atMs: 1 },
      { to: 'unhealthy', atMs: 2, reason: 'heat' },
      { to: 'healthy', atMs: 3 },
      { to: 'removed', atMs: 4 },
    ]);
    expect(history.last('a/b', 'x')).toEqual({ to: 'removed', atMs: 4 });
    expect(history.of('a/c', 'x')).toEqual([]);
  });

  it('counts changes by resource and kind', () => {
    const history = new DeviceHistory();
    history.add('a/b', { ...nothing, added: ['x', 'y'], failed: ['x'] }, devices('x!', 'y'), 1);
    expect(history.counts.samples()).toEqual([
      { labels: { resource: 'a/b', to: 'added' }, value: 2 },
      { labels: { resource: 'a/b', to: 'unhealthy' }, value: 1 },
    ]);
  });

  it('has of the first list those that are unhealthy, and no other', () => {
    const history = new DeviceHistory();
    history.begin('a/b', devices('x', 'y!'), 1);
    expect(history.of('a/b', 'x')).toEqual([]);
    expect(history.of('a/b', 'y')).toEqual([{ to: 'unhealthy', atMs: 1 }]);
  });

  it('goes on where it was when the plugin starts again in its process', () => {
    const history = new DeviceHistory();
    history.begin('a/b', devices('same!', 'mended!', 'gone!', 'back'), 1);
    history.add('a/b', { ...nothing, removed: ['back', 'away'] }, none, 2);
    history.begin('a/b', devices('same!', 'mended', 'back'), 3);
    const lasts = ['same', 'mended', 'gone', 'back', 'away'].map((id) => history.last('a/b', id));
    expect(lasts.map((last) => `${last?.to ?? ''} ${last?.atMs ?? ''}`)).toEqual([
      'unhealthy 1',
      'healthy 3',
      'removed 3',
      'added 3',
      'removed 2',
    ]);
  });

  it('tells of devices that are gone, the last one first, and not of those that are back or long gone', () => {
    const history = new DeviceHistory();
    for (const [index, id] of ['long', 'x', 'y', 'z'].entries())
      history.add('a/b', { ...nothing, removed: [id] }, none, index + 1);
    history.add('a/b', { ...nothing, added: ['y'] }, devices('y'), 9);
    expect(history.gone(2).map(({ resource, id }) => `${resource} ${id}`)).toEqual(['a/b z', 'a/b x']);
  });

  it('keeps the last changes of a device that flaps', () => {
    const history = new DeviceHistory();
    for (let atMs = 1; atMs <= 100; atMs += 1) history.add('a/b', { ...nothing, recovered: ['x'] }, none, atMs);
    const times = history.of('a/b', 'x').map(({ atMs }) => atMs);
    expect(times).toEqual(Array.from({ length: maxOfDevice }, (_, index) => 81 + index));
  });

  it('keeps what little there is of a quiet device while a thousand others flap', () => {
    const history = new DeviceHistory();
    history.add('a/b', { ...nothing, failed: ['quiet'] }, failing('quiet', 'heat'), 1);
    const flapping = Array.from({ length: 1_000 }, (_, index) => `d${index}`);
    for (let round = 2; round < 30; round += 1) history.add('a/b', { ...nothing, recovered: flapping }, none, round);
    expect(history.last('a/b', 'quiet')).toEqual({ to: 'unhealthy', atMs: 1, reason: 'heat' });
    expect(flapping.every((id) => history.last('a/b', id)?.atMs === 29)).toBe(true);
  });

  it('forgets the device first that has not changed for the longest time', () => {
    const history = new DeviceHistory();
    const ids = Array.from({ length: maxOfAll }, (_, index) => `d${index}`);
    history.add('a/b', { ...nothing, removed: ids }, none, 1);
    history.add('a/b', { ...nothing, removed: ['d0', 'x', 'y'] }, none, 2);
    const known = (id: string): boolean => history.last('a/b', id) !== undefined;
    expect(['d0', 'd1', 'd2', 'd3', 'x', 'y'].map(known)).toEqual([true, false, false, true, true, true]);
    const others = Array.from({ length: maxOfAll }, (_, index) => `e${index}`);
    for (const round of [3, 4]) history.add('a/b', { ...nothing, removed: others }, none, round);
    expect(known('x')).toBe(false);
    expect(others.every(known)).toBe(true);
  });

  it('never keeps more than its bounds, whatever happens', () => {
    const ids = Array.from({ length: maxOfAll + 500 }, (_, index) => `d${index}`);
    const range = fc.tuple(fc.nat(ids.length), fc.nat(ids.length));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), (ranges) => {
        const history = new DeviceHistory();
        for (const [index, [from, to]] of ranges.entries())
          history.add('a/b', { ...nothing, removed: ids.slice(Math.min(from, to), Math.max(from, to)) }, none, index);
        const sizes = history.gone(0).map((device) => device.history.length);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxOfAll);
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(maxOfDevice);
        const changes = ranges.reduce((sum, [from, to]) => sum + Math.abs(from - to), 0);
        expect(sizes.length > 0).toBe(changes > 0);
      }),
      { numRuns: 30 },
    );
  });
});
