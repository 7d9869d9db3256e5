// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { ClauseResult } from './conformance.ts';
import { junitReport, resultLine, summaryLine } from './report.ts';

const passed: ClauseResult = {
  id: 'ST-01',
  level: 'must',
  title: 'serves',
  outcome: 'passed',
  detail: '',
  durationMs: 1234,
};
const results: ClauseResult[] = [
  passed,
  { ...passed, id: 'LI-01', detail: 'after 3 ms' },
  { ...passed, id: 'LI-02', outcome: 'failed', detail: 'said <"a" & \u{1b}b\n' },
  { ...passed, id: 'LI-04', outcome: 'failed', level: 'should', detail: 'no' },
  { ...passed, id: 'HP-01', outcome: 'skipped', detail: 'needs a hook' },
];

describe('resultLine()', () => {
  it.each([
    [results[0], 'passed  ST-01    1.2 s  serves'],
    [results[1], 'passed  LI-01    1.2 s  serves: after 3 ms'],
    [results[3], 'advised LI-04    1.2 s  serves: no'],
    [results[4], 'skipped HP-01    1.2 s  serves: needs a hook'],
  ])('tells %j', (result, line) => {
    expect(resultLine(result ?? passed)).toBe(line);
  });
});

describe('summaryLine()', () => {
  it('counts', () => {
    expect(summaryLine(results)).toBe('2 passed, 1 failed, 1 advised, 1 skipped');
  });
});

describe('junitReport()', () => {
  it('has a case for each clause, and nothing that XML does not have', () => {
    const xml = junitReport(results);
    expect(xml).toContain('<testsuites tests="5" failures="2" skipped="1">');
    expect(xml).toContain('<testcase classname="must" name="ST-01 serves" time="1.234"/>');
    expect(xml).toContain('><failure message="said &#60;&#34;a&#34; &#38; ?b&#10;"/></testcase>');
    expect(xml).toContain('><skipped message="needs a hook"/></testcase>');
    expect(xml).toContain('><system-out>after 3 ms</system-out></testcase>');
  });
});
