// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { clauses } from './clauses.ts';
import { reasons } from './reasons.ts';

describe('reasons', () => {
  it('has one sentence for each clause and for nothing else', () => {
    expect(Object.keys(reasons).toSorted()).toEqual(clauses.map(({ id }) => id).toSorted());
    for (const reason of Object.values(reasons)) expect(reason).toMatch(/^[A-Z].*[^.]\.$/);
  });
});
