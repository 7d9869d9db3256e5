// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { clauses } from './clauses.ts';
import { reasons } from './reasons.ts';
import { stimuli } from './stimuli.ts';

describe.each([
  ['reasons', reasons],
  ['stimuli', stimuli],
])('%s', (_, texts) => {
  it('has one sentence for each clause and for nothing else', () => {
    expect(Object.keys(texts).toSorted()).toEqual(clauses.map(({ id }) => id).toSorted());
    for (const reason of Object.values(texts)) expect(reason).toMatch(/^[A-Z].*[^.]\.$/);
  });
});
