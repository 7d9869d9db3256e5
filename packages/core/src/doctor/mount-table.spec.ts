// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mountOf, parseMountTable } from './mount-table.ts';

describe('parseMountTable()', () => {
  it('reads what the kernel writes, with any number of optional fields', () => {
    const text = [
      '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue',
      String.raw`37 36 0:5 / /with\040space\134 ro - tmpfs none rw`,
      'no mount',
    ].join('\n');
    expect(parseMountTable(text)).toEqual([
      { mountPoint: '/mnt2', isReadOnly: false, fileSystem: 'ext3' },
      { mountPoint: '/with space\\', isReadOnly: true, fileSystem: 'tmpfs' },
    ]);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseMountTable(text).length).toBeLessThanOrEqual(text.split('\n').length);
      }),
    );
  });
});

describe('mountOf()', () => {
  const mount = (mountPoint: string, fileSystem = 'ext4') => ({ mountPoint, isReadOnly: false, fileSystem });
  const mounts = [mount('/'), mount('/var'), mount('/var/lib'), mount('/var/lib', 'tmpfs'), mount('/variable')];

  it.each([
    ['/var/lib/kubelet', 'tmpfs', '/var/lib'],
    ['/var/lib', 'tmpfs', '/var/lib'],
    ['/var/library', 'ext4', '/var'],
    ['/etc', 'ext4', '/'],
  ])('finds the one that %s lies in', (path, fileSystem, mountPoint) => {
    expect(mountOf(mounts, path)).toMatchObject({ fileSystem, mountPoint });
  });

  it('finds none in no table', () => {
    expect(mountOf([], '/')).toBeUndefined();
  });
});
