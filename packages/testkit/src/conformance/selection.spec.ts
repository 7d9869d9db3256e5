// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { conformanceProfiles, examinationsOf, selectClauses } from './selection.ts';

function planned(selection: Parameters<typeof examinationsOf>[0]): string[] {
  return examinationsOf(selection).map(({ clause, profile }) => `${clause.id} ${profile}`);
}

describe('selectClauses()', () => {
  it('takes ids and groups, in the order of the clauses', () => {
    expect(selectClauses({ only: ['LI', 'ST-01'], skip: ['LI-03', 'LI-1'] }).map(({ id }) => id)).toEqual([
      'ST-01',
      'LI-01',
      'LI-02',
      'LI-04',
      'LI-05',
      'LI-06',
      'LI-07',
      'LI-08',
      'LI-09',
      'LI-10',
      'LI-11',
    ]);
    expect(selectClauses({})).toHaveLength(126);
  });
});

describe('examinationsOf()', () => {
  it('takes the newest kubelet, and the newest of the old ones for what is about those', () => {
    expect(planned({ only: ['RS-01', 'RS-17', 'RS-18', 'RS-19'] })).toEqual([
      'RS-01 1.37',
      'RS-17 1.36',
      'RS-18 1.36',
      'RS-19 1.37',
    ]);
  });

  it('takes the kubelet that was asked for, and says which clause is not about it', () => {
    const [old, path] = examinationsOf({ only: ['RS-18', 'RS-19'], profile: '1.28' });
    expect(old).toMatchObject({ profile: '1.28' });
    expect(path).toMatchObject({ profile: '1.28', otherwise: 'is about other kubelets than those of 1.28' });
  });

  it('takes each kubelet for the clauses in which they differ', () => {
    expect(planned({ only: ['LI-01', 'RS-19'], profile: 'all' })).toEqual(['LI-01 1.37', 'RS-19 1.37']);
    expect(planned({ only: ['RS-17'], profile: 'all' })).toHaveLength(conformanceProfiles.length - 1);
    expect(planned({ only: ['RS-01'], profile: 'all' })).toEqual(
      conformanceProfiles.map((profile) => `RS-01 ${profile}`),
    );
    expect(conformanceProfiles).toHaveLength(12);
  });
});
