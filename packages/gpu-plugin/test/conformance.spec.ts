// SPDX-License-Identifier: Apache-2.0
import { conformance } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { conformanceRuns } from './conformance-subject.ts';

/** Shorter looks than those that docs/reference/conformance-results.md is made with. */
const quicker = { pingMs: 500, flapMs: 2_000, churnMs: 2_000 };
/** Where nothing but the core has a part in it: simple-plugin is examined for it. */
const onlyOfCore = [
  ...['ST-04', 'ST-08', 'ST-14', 'ST-19', 'LI-04', 'LI-07', 'AL-12', 'AL-20', 'RS-18', 'RS-19', 'RS-21'],
  ...['SD-08', 'RB-08', 'RB-09', 'RB-11', 'RB-13', 'RB-16'],
];

describe('gpu-plugin', () => {
  it('does what a good device plugin does', { timeout: 900000 }, async () => {
    const results = [];
    for (const { subject, options } of conformanceRuns) {
      const { budgets, skip = [] } = options;
      const quick = { ...options, budgets: { ...budgets, ...quicker }, skip: [...skip, ...onlyOfCore] };
      results.push(...(await conformance(subject, { ...quick, concurrency: 4 })));
    }
    const problems = results.filter(({ outcome }) => outcome !== 'passed');
    expect(problems.map(({ id, outcome, detail }) => `${id} ${outcome}: ${detail}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(75);
  });
});
