// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { device, devices, treeOf } from '../../test/devices.ts';
import { namedDevices } from './named-devices.ts';

describe('namedDevices()', () => {
  it('puts the namespace before names that are not full', () => {
    const tree = treeOf({ red: ['a'], 'other.io/blue': [] });
    const named = namedDevices('color.example.com', tree);
    expect(named.resources).toEqual(
      new Map([
        ['color.example.com/red', devices('a')],
        ['other.io/blue', devices()],
      ]),
    );
    expect(named.leftOut).toEqual(new Map());
  });

  it('takes the first of two resources that are the same, and tells of the devices of the other', () => {
    const tree = treeOf({ red: ['a'], 'color.example.com/red': ['b'] }).addDevice('red', 'no id', device('c'));
    const { resources, leftOut } = namedDevices('color.example.com', tree);
    expect(resources).toEqual(new Map([['color.example.com/red', devices('a')]]));
    expect(Object.fromEntries(leftOut.get('color.example.com/red') ?? [])).toEqual({
      b: 'the plugin has its resource under two names',
      'no id': expect.stringContaining('not printable ASCII') as string,
    });
  });
});
