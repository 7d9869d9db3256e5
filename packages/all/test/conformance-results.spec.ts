// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clauses } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { resultsPage } from './conformance-results/results-page.ts';

const page = await readFile(join(import.meta.dirname, '../../../docs/reference/conformance-results.md'), 'utf8');

describe('docs/reference/conformance-results.md', () => {
  it('has a row for each clause, and no clause that failed', () => {
    const ids = [...page.matchAll(/^\| \[([A-Z]{2}-\d\d)\]/gm)].map(([, id]) => id);
    expect(ids).toEqual(clauses.map(({ id }) => id));
    expect(page).not.toMatch(/\| ✗/);
  });
});

describe('resultsPage()', () => {
  it('numbers the reasons, each once', () => {
    const text = resultsPage({
      one: new Map([
        ['ST-01', { outcome: 'passed', detail: 'quick' }],
        ['ST-02', { outcome: 'failed', detail: 'no answer' }],
        ['ST-03', { outcome: 'excepted', detail: 'on purpose' }],
      ]),
      two: new Map([['ST-02', { outcome: 'skipped', detail: 'no hook' }]]),
    });
    expect(text).toContain('| [ST-02](conformance.md#st-02) | must | ✗ 2 | – 3 | ');
    expect(text).toContain('| [ST-03](conformance.md#st-03) | must | ! 4 | – 1 | ');
    expect(text).toContain('Passed of 126: one 1, two 0.');
    expect(text).toContain('1. the run was cut short\n2. no answer\n3. no hook\n4. on purpose\n');
  });
});
