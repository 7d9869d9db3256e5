// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { workingSetMiB } from './working-set.ts';

describe('workingSetMiB()', () => {
  const stat = 'inactive_file 1\nactive_file 5\ntotal_inactive_file 2097152\n';

  it('takes what is charged without pages of files that nobody touches', () => {
    expect(workingSetMiB('20971520\n', stat, 'total_inactive_file')).toBe(18);
  });

  it('is never less than nothing, as the two are read one after the other', () => {
    expect(workingSetMiB('0\n', stat, 'total_inactive_file')).toBe(0);
  });

  it('says that the kernel does not count it', () => {
    expect(() => workingSetMiB('1', stat, 'file')).toThrow('no line file');
  });
});
