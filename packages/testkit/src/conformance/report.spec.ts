// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { ClauseResult } from './conformance.ts';
import { clauseText, isFailure, junitReport, resultLine, summary } from './report.ts';

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

const lenient = { isStrict: false, unexamined: 0 };
const strict = { isStrict: true, unexamined: 0 };

describe('resultLine()', () => {
  it.each([
    [results[0], 'passed  must   ST-01    1.2 s  serves'],
    [results[1], 'passed  must   LI-01    1.2 s  serves: after 3 ms'],
    [results[3], 'advised should LI-04    1.2 s  serves: no'],
    [results[4], 'skipped must   HP-01    1.2 s  serves: needs a hook'],
  ])('tells %j', (result = passed, line) => {
    expect(resultLine(result, false)).toBe(line);
  });

  it('calls advice a failure if it is to be one', () => {
    expect(resultLine(results[3] ?? passed, true)).toBe('failed  should LI-04    1.2 s  serves: no');
  });
});

describe('summary()', () => {
  it('counts, and names what is wrong as --only takes it', () => {
    expect(summary(results, false)).toBe('2 passed, 1 failed, 1 advised, 1 skipped\nfailed: LI-02\nadvised: LI-04\n');
    expect(summary(results, true)).toBe('2 passed, 2 failed, 0 advised, 1 skipped\nfailed: LI-02,LI-04\n');
    expect(summary([passed], false)).toBe('1 passed, 0 failed, 0 advised, 0 skipped\n');
  });
});

describe('isFailure()', () => {
  it('is what must be, and with --strict what should', () => {
    expect(results.filter((result) => isFailure(result, false)).map(({ id }) => id)).toEqual(['LI-02']);
    expect(results.filter((result) => isFailure(result, true)).map(({ id }) => id)).toEqual(['LI-02', 'LI-04']);
  });
});

describe('junitReport()', () => {
  it('has a case for each clause, and nothing that XML does not have', () => {
    const xml = junitReport(results, lenient);
    expect(xml).toContain('<testsuites tests="5" failures="1" errors="0" skipped="2">');
    expect(xml).toContain('<testcase classname="ST-01" name="must: serves" time="1.234"/>');
    expect(xml).toContain('><failure message="said &#60;&#34;a&#34; &#38; ?b&#10;"/></testcase>');
    expect(xml).toContain('name="should: serves" time="1.234"><skipped message="advised: no"/></testcase>');
    expect(xml).toContain('><skipped message="needs a hook"/></testcase>');
    expect(xml).toContain('><system-out>after 3 ms</system-out></testcase>');
  });

  it('fails where the exit code does: for advice if it is strict, and when it was interrupted', () => {
    const xml = junitReport(results, strict);
    expect(xml).toContain('<testsuites tests="5" failures="2" errors="0" skipped="1">');
    expect(xml).toContain('<testcase classname="LI-04" name="should: serves" time="1.234"><failure message="no"/>');
    const cut = junitReport([passed], { isStrict: false, unexamined: 7 });
    expect(cut).toContain('<testsuites tests="2" failures="0" errors="1" skipped="0">');
    expect(cut).toContain('<error message="interrupted, 7 clauses not examined"/>');
  });
});

describe('clauseText()', () => {
  const clause = { id: 'XX-01', level: 'must', title: 'does', check: () => Promise.resolve() } as const;

  it('tells a clause, and why it is one', () => {
    expect(clauseText(clause)).toBe('XX-01 must   does\n');
    expect(clauseText(clause, 'Kubelets.')).toBe('XX-01 must   does\n             Kubelets.\n');
  });
});
