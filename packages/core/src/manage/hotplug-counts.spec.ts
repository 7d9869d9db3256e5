// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { devices } from '../../test/devices.ts';
import { hotplugCounts } from './hotplug-counts.ts';

describe('hotplugCounts()', () => {
  it.each([
    [[], [], 0, 0],
    [['a'], ['a'], 0, 0],
    [['a'], ['a!'], 0, 0],
    [['a'], ['a', 'b', 'c'], 2, 0],
    [['a', 'b'], [], 0, 2],
    [['a', 'b'], ['b', 'c'], 1, 1],
  ])('%j to %j: %d came, %d went', (before, after, added, removed) => {
    expect(hotplugCounts(devices(...before), devices(...after))).toEqual({ added, removed });
  });

  it('does not count the inventory', () => {
    expect(hotplugCounts(undefined, devices('a', 'b'))).toEqual({ added: 0, removed: 0 });
  });
});
