// SPDX-License-Identifier: Apache-2.0
import { conformance } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { conformanceRuns } from './conformance-subject.ts';

/** Shorter looks than those that docs/reference/conformance-results.md is made with. */
const quicker = { pingMs: 500, flapMs: 2_000, churnMs: 2_000 };
const onlyOfCore: string[] = [];

describe('simple-plugin', () => {
  it('does what a good device plugin does', { timeout: 600000 }, async () => {
    const results = [];
    for (const { subject, options } of conformanceRuns) {
      const { budgets, skip = [] } = options;
      const quick = { ...options, budgets: { ...budgets, ...quicker }, skip: [...skip, ...onlyOfCore] };
      results.push(...(await conformance(subject, { ...quick, concurrency: 4 })));
    }
    const problems = results.filter(({ outcome }) => outcome !== 'passed');
    expect(problems.map(({ id, outcome, detail }) => `${id} ${outcome}: ${detail}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(85);
  });
});
