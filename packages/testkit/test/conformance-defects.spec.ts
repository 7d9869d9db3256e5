// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from 'vitest';
import { selectClauses } from '../src/conformance/selection.ts';
import { conformance } from '../src/index.ts';
import { SeededRandom } from '../src/seeded-random.ts';
import { type Defect, defects } from './broken-plugin/defects.ts';
import { brokenSubject, shortBudgets } from './broken-subject.ts';
import { defectRows } from './conformance-defects.ts';

/** How many clauses that should pass are examined with each defect: a few by chance each, hundreds in all. */
const sampleSize = 2;
const all = selectClauses({}).map(({ id }) => id);
const table = Object.entries(defects).map(([defect, what]) => ({
  defect: defect as Defect,
  what,
  own: defect.slice(0, 5),
}));

// They wait half of the time, so two for each of two processors keep these busy, and no more can be late.
vi.setConfig({ maxConcurrency: 4 });

describe('a plugin that', () => {
  it.concurrent.each(table)('$what fails $own', { timeout: 120_000 }, async ({ defect, own }) => {
    const { args = [], alsoFails = [], mayFail = [], budgets = {} } = defectRows[defect] ?? {};
    const failing = [own, ...alsoFails];
    const others = all.filter((id) => !failing.includes(id) && !mayFail.includes(id));
    const only = [...failing, ...sample(others, own, defect)];
    const results = await conformance(brokenSubject(...args, '--defect', defect), {
      budgets: { ...shortBudgets, ...budgets },
      concurrency: 1,
      only,
    });
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    expect(
      failed.map(({ id }) => id).toSorted(),
      failed.map(({ id, detail }) => `${id}: ${detail}`).join('\n'),
    ).toEqual(failing.toSorted());
  });
});

describe('the defects', () => {
  it('are one for each clause', () => {
    expect(table.map(({ own }) => own).toSorted()).toEqual(all.toSorted());
  });
});

/** Of the group of the clause, and of the others; the same for the same defect. */
function sample(ids: readonly string[], own: string, defect: string): string[] {
  const seed = Buffer.from(defect).reduce((sum, byte) => (sum * 31 + byte) % 2 ** 31, 7);
  const shuffled = new SeededRandom(seed).shuffle(ids);
  const isNear = (id: string): boolean => id.slice(0, 2) === own.slice(0, 2);
  return [...shuffled.filter(isNear).slice(0, sampleSize), ...shuffled.filter((id) => !isNear(id)).slice(0, 1)];
}
