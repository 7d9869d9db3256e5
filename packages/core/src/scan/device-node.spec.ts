// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDeviceNode, splitRdev } from './device-node.ts';

describe('splitRdev()', () => {
  it.each([
    [0x103n, 1, 3],
    [0xe280n, 226, 128],
    [0x10_0800n, 8, 256],
    [0xffff_ffff_ffff_ffffn, 0xffff_ffff, 0xffff_ffff],
  ])('splits %i into %i:%i', (rdev, major, minor) => {
    expect(splitRdev(rdev)).toEqual({ major, minor });
  });

  it('undoes makedev(3)', () => {
    const number = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(number, number, (major, minor) => {
        expect(splitRdev(makedev(BigInt(major), BigInt(minor)))).toEqual({ major, minor });
      }),
    );
  });
});

describe('parseDeviceNode()', () => {
  it.each([
    ['c 226:128', { type: 'char', major: 226, minor: 128 }],
    [' b 8:0\n', { type: 'block', major: 8, minor: 0 }],
    ['p 1:2', undefined],
    ['c 226', undefined],
    ['c -1:2', undefined],
    ['', undefined],
  ])('reads %j', (text, expected) => {
    expect(parseDeviceNode(text)).toEqual(expected);
  });

  it('takes any text, and makes something only of what it would write', () => {
    const nearly = fc.stringMatching(/^[bcu] ?[0-9]{1,11}[:.][0-9]{0,11}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const node = parseDeviceNode(text);
        const [type, major, minor] = text.split(/[ :]/);
        if (node === undefined) expect(text).not.toMatch(/^[bc] [0-9]{1,10}:[0-9]{1,10}$/);
        else
          expect(node).toEqual({ type: type === 'c' ? 'char' : 'block', major: Number(major), minor: Number(minor) });
      }),
    );
  });
});

/** The layout of sysmacros.h. */
function makedev(major: bigint, minor: bigint): bigint {
  return ((major & 0xfffff000n) << 32n) | ((major & 0xfffn) << 8n) | ((minor & 0xffffff00n) << 12n) | (minor & 0xffn);
}
