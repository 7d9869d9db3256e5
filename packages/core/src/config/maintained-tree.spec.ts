// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { treeOf } from '../../test/devices.ts';
import type { DeviceTree } from '../device-tree.ts';
import { Maintenance } from './maintained-tree.ts';
import type { MaintenanceEntry } from './maintenance.ts';

const entry = (device: string, more: Partial<MaintenanceEntry> = {}): MaintenanceEntry => ({
  device,
  resource: undefined,
  reason: 'RMA 1',
  untilMs: undefined,
  ...more,
});

function maintenance(entries: readonly MaintenanceEntry[], nowMs = 0): Maintenance {
  const made = new Maintenance('a.b', entries);
  made.setTime(nowMs);
  return made;
}

function unhealthy(tree: DeviceTree): string[] {
  return [...tree.resources].flatMap(([resource, devices]) =>
    [...devices].flatMap(([id, { health, healthReason = '' }]) =>
      health === 'Unhealthy' ? [`${resource} ${id} ${healthReason}`.trim()] : [],
    ),
  );
}

describe('Maintenance', () => {
  const tree = treeOf({
    red: ['card0-0', 'card0-1', 'card1-0', 'card10-0'],
    'x.y/blue': ['net/tun::0', 'net/tun', 'dead!'],
  });

  it.each([
    [[entry('card0')], ['red card0-0 maintenance: RMA 1', 'red card0-1 maintenance: RMA 1']],
    [[entry('card0-1')], ['red card0-1 maintenance: RMA 1']],
    [[entry('card1*')], ['red card1-0 maintenance: RMA 1', 'red card10-0 maintenance: RMA 1']],
    [[entry('card?')], ['red card0-0', 'red card0-1', 'red card1-0'].map((id) => `${id} maintenance: RMA 1`)],
    [[entry('net/tun')], ['x.y/blue net/tun::0 maintenance: RMA 1', 'x.y/blue net/tun maintenance: RMA 1']],
    [[entry('*0', { resource: 'x.y/blue' })], ['x.y/blue net/tun::0 maintenance: RMA 1']],
    [[entry('card0-0', { resource: 'a.b/red' })], ['red card0-0 maintenance: RMA 1']],
    [[entry('card0-0', { resource: 'a.b/blue' })], []],
    [[entry('dead')], ['x.y/blue dead maintenance: RMA 1']],
    [[entry('card1'), entry('card1-*', { reason: 'dust' })], ['red card1-0 maintenance: RMA 1, dust']],
  ])('of %j takes out of service %j', (entries, expected) => {
    const { tree: maintained } = maintenance(entries).appliedTo(tree);
    const own = expected.some((line) => line.includes(' dead ')) ? [] : ['x.y/blue dead'];
    expect(unhealthy(maintained)).toEqual([...expected, ...own].toSorted(byPlace));
    expect([...maintained.resources].map(([name, devices]) => [name, [...devices.keys()]])).toEqual(
      [...tree.resources].map(([name, devices]) => [name, [...devices.keys()]]),
    );
  });

  function byPlace(a: string, b: string): number {
    const ids = [...tree.resources].flatMap(([resource, devices]) =>
      [...devices.keys()].map((id) => `${resource} ${id}`),
    );
    const place = (line: string): number => ids.indexOf(line.split(' ').slice(0, 2).join(' '));
    return place(a) - place(b);
  }

  it('leaves a tree as it is in which nothing is under maintenance', () => {
    expect(maintenance([]).appliedTo(tree)).toEqual({ tree, remarks: [] });
    expect(maintenance([entry('card9')]).appliedTo(tree).tree).toBe(tree);
  });

  it('gives the same devices for the same ones, and those of other resources as they are', () => {
    const made = maintenance([entry('card0')]);
    const [first, second] = [made.appliedTo(tree).tree, made.appliedTo(tree).tree];
    expect(second.resources.get('red')).toBe(first.resources.get('red'));
    expect(first.resources.get('x.y/blue')).toBe(tree.resources.get('x.y/blue'));
  });

  it('keeps what was left out', () => {
    const left = treeOf({ red: ['card0'] }).addDevice('red', 'a b', { health: 'Healthy', nodes: [] });
    expect(maintenance([entry('card0')]).appliedTo(left).tree.leftOut).toEqual(left.leftOut);
  });

  it('ends when its time has come, and begins again when the clock is set back', () => {
    const made = maintenance([entry('card0-0', { untilMs: 1_000 }), entry('card1-0', { untilMs: 5_000 })]);
    expect(made.nextEndMs).toBe(1_000);
    expect(made.setTime(999)).toBe(false);
    expect(made.setTime(1_000)).toBe(true);
    expect(made.nextEndMs).toBe(5_000);
    expect(unhealthy(made.appliedTo(tree).tree)).toEqual(['red card1-0 maintenance: RMA 1', 'x.y/blue dead']);
    expect(made.setTime(5_000)).toBe(true);
    expect(made.nextEndMs).toBeUndefined();
    expect(made.appliedTo(tree)).toMatchObject({
      remarks: [{ message: 'maintenance is over', subject: 'card0-0' }, { subject: 'card1-0' }],
    });
    expect(made.setTime(0)).toBe(true);
    expect(unhealthy(made.appliedTo(tree).tree)).toHaveLength(3);
  });

  it('remarks on what names no device', () => {
    const made = maintenance([entry('card0'), entry('card9'), entry('x', { resource: 'a.b/red', reason: 'dust' })]);
    const message = 'maintenance of a device that is not there';
    expect(made.appliedTo(tree).remarks).toEqual([
      { message, subject: 'card9', reason: 'RMA 1' },
      { message, subject: 'a.b/red x', reason: 'dust' },
    ]);
  });
});
