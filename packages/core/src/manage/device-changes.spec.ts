// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { devices } from '../../test/devices.ts';
import type { Devices } from '../device-tree.ts';
import { deviceChanges } from './device-changes.ts';

const none = { added: [], removed: [], recovered: [], failed: [] };

describe('deviceChanges()', () => {
  it.each([
    [[], [], {}],
    [['a', 'b!'], ['b!', 'a'], {}],
    [['a'], ['c', 'a', 'b'], { added: ['b', 'c'] }],
    [['a', 'b'], [], { removed: ['a', 'b'] }],
    [['a', 'b'], ['b', 'c'], { added: ['c'], removed: ['a'] }],
    [['a', 'b!'], ['a!', 'b'], { recovered: ['b'], failed: ['a'] }],
    [[], ['a!'], { added: ['a'], failed: ['a'] }],
    [['a!'], [], { removed: ['a'] }],
  ])('%j to %j: %j', (before, after, changes) => {
    expect(deviceChanges(devices(...before), devices(...after))).toEqual({ ...none, ...changes });
  });

  it('takes another reason for another failure', () => {
    const failing = (healthReason?: string): Devices =>
      new Map([['a', { health: 'Unhealthy', nodes: [], ...(healthReason !== undefined && { healthReason }) }]]);
    expect(deviceChanges(failing('hot'), failing('no link')).failed).toEqual(['a']);
    expect(deviceChanges(failing(), failing('no link')).failed).toEqual(['a']);
    expect(deviceChanges(failing('hot'), failing('hot')).failed).toEqual([]);
  });

  it('takes no notice of the reason of a healthy device', () => {
    const healthy = (healthReason: string): Devices => new Map([['a', { health: 'Healthy', nodes: [], healthReason }]]);
    expect(deviceChanges(healthy('warm'), healthy('cool'))).toEqual(none);
  });

  it('leads from one list to the other', () => {
    const lists = fc.uniqueArray(fc.constantFrom('a', 'b!', 'c', 'd!', 'e', 'f!'));
    fc.assert(
      fc.property(lists, lists, fc.boolean(), (one, other, flip) => {
        const before = devices(...one);
        const after = devices(...other.map((id) => (flip ? id.replace('!', '') : id)));
        const { added, removed, recovered, failed } = deviceChanges(before, after);
        const ids = new Set([...before.keys(), ...added].filter((id) => !removed.includes(id)));
        expect(ids).toEqual(new Set(after.keys()));
        const unhealthy = (list: Devices): string[] =>
          [...list].filter(([, { health }]) => health === 'Unhealthy').map(([id]) => id);
        const expected = unhealthy(before).filter((id) => ![...removed, ...recovered].includes(id));
        expect(new Set([...expected, ...failed])).toEqual(new Set(unhealthy(after)));
      }),
    );
  });
});
