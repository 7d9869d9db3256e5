// SPDX-License-Identifier: Apache-2.0
import type { ClauseResult } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { jsonReport } from './json-report.ts';
import { junitReport } from './junit-report.ts';
import { interrupted, isFailure, linkOf, summaryOf } from './report.ts';
import { clauseText, header, resultText, summaryText } from './text-report.ts';

const passed: ClauseResult = {
  id: 'ST-01',
  level: 'must',
  title: 'serves',
  profile: '1.37',
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
  { ...passed, id: 'HP-02', outcome: 'skipped', detail: 'needs a hook' },
  { ...passed, id: 'RS-18', profile: '1.36' },
];
const lenient = { isStrict: false, unexamined: 0 };
const strict = { isStrict: true, unexamined: 0 };

describe('resultText()', () => {
  it.each([
    [results[0], 'ST-01  must    passed     1.2 s  serves\n'],
    [results[1], 'LI-01  must    passed     1.2 s  serves: after 3 ms\n'],
    [
      results[2],
      'LI-02  must    failed     1.2 s  serves\n       said <"a" &  b \n       docs/reference/conformance.md#li-02\n',
    ],
    [{ ...passed, detail: 'a\u{1b}[2Jb' }, 'ST-01  must    passed     1.2 s  serves: a [2Jb\n'],
    [results[3], 'LI-04  should  advised    1.2 s  serves\n       no\n       docs/reference/conformance.md#li-04\n'],
    [results[4], 'HP-01  must    skipped    1.2 s  serves: needs a hook\n'],
    [results[6], 'RS-18  must    passed     1.2 s  serves [kubelet 1.36]\n'],
  ])('tells %j', (result = passed, line) => {
    expect(resultText(result, false)).toBe(line);
  });

  it('calls advice a failure if it is to be one', () => {
    expect(resultText(results[3] ?? passed, true)).toMatch(/^LI-04 {2}should {2}failed /);
  });

  it('has its columns below their names', () => {
    expect(header.indexOf('clause')).toBe(resultText(passed, false).indexOf('serves'));
  });
});

describe('summaryText()', () => {
  it('counts, names what is wrong as --only takes it, and groups what was skipped by the reason', () => {
    expect(summaryText(results, false)).toBe(
      '\nskipped, needs a hook: HP-01,HP-02\n' +
        '3 passed, 1 failed, 1 advised, 2 skipped, with kubelets of 1.36, 1.37\nfailed: LI-02\nadvised: LI-04\n',
    );
    expect(summaryText(results, true)).toContain('3 passed, 2 failed, 0 advised');
    expect(summaryText([passed], false)).toBe('\n1 passed, 0 failed, 0 advised, 0 skipped, with kubelets of 1.37\n');
    expect(summaryText([], false)).toBe('\n0 passed, 0 failed, 0 advised, 0 skipped\n');
  });
});

describe('isFailure()', () => {
  it('is what must be, and with --strict what should', () => {
    expect(results.filter((result) => isFailure(result, false)).map(({ id }) => id)).toEqual(['LI-02']);
    expect(results.filter((result) => isFailure(result, true)).map(({ id }) => id)).toEqual(['LI-02', 'LI-04']);
  });
});

describe('summaryOf()', () => {
  it('names a clause once that failed with several kubelets', () => {
    const failed = { ...passed, outcome: 'failed' as const };
    expect(summaryOf([failed, { ...failed, profile: '1.30' }], false)).toMatchObject({
      counts: { failed: 2 },
      failed: ['ST-01'],
    });
  });
});

describe('junitReport()', () => {
  it('has a case for each clause, and nothing that XML does not have', () => {
    const xml = junitReport(results, lenient);
    expect(xml).toContain('<testsuites tests="7" failures="1" errors="0" skipped="3">');
    expect(xml).toContain('<testcase classname="ST-01" name="must: serves" time="1.234"/>');
    expect(xml).toContain(
      `><failure message="said &#60;&#34;a&#34; &#38; ?b&#10;"/><system-out>${linkOf('LI-02')}</system-out></testcase>`,
    );
    expect(xml).toContain('name="should: serves" time="1.234"><skipped message="advised: no"/><system-out>docs/');
    expect(xml).toContain('><skipped message="needs a hook"/></testcase>');
    expect(xml).toContain('><system-out>after 3 ms</system-out></testcase>');
    expect(xml).toContain('name="must: serves [kubelet 1.36]"');
  });

  it('fails where the exit code does: for advice if it is strict, and when it was interrupted', () => {
    const xml = junitReport(results, strict);
    expect(xml).toContain('<testsuites tests="7" failures="2" errors="0" skipped="2">');
    expect(xml).toContain('<testcase classname="LI-04" name="should: serves" time="1.234"><failure message="no"/>');
    const cut = junitReport([passed], { isStrict: false, unexamined: 7 });
    expect(cut).toContain('<testsuites tests="2" failures="0" errors="1" skipped="0">');
    expect(cut).toContain('<error message="interrupted, 7 clauses not examined"/></testcase>');
  });
});

describe('jsonReport()', () => {
  it('has all that is known of each result, and the summary', () => {
    const report = JSON.parse(jsonReport(results, { isStrict: false, unexamined: 1 })) as Record<string, unknown>;
    expect(report).toMatchObject({
      counts: { passed: 3, failed: 1, advised: 1, skipped: 2 },
      failed: ['LI-02'],
      advised: ['LI-04'],
      skipped: [{ reason: 'needs a hook', ids: ['HP-01', 'HP-02'] }],
      unexamined: 1,
    });
    expect((report['results'] as unknown[])[3]).toEqual({
      id: 'LI-04',
      level: 'should',
      title: 'serves',
      profile: '1.37',
      result: 'advised',
      detail: 'no',
      durationMs: 1234,
      reason: expect.stringMatching(/^The kubelet remembers by id/) as string,
      link: 'docs/reference/conformance.md#li-04',
    });
  });
});

describe('clauseText()', () => {
  const clause = { id: 'XX-01', level: 'must', title: 'does', check: () => Promise.resolve() } as const;

  it('tells a clause, and why it is one', () => {
    expect(clauseText(clause)).toBe('XX-01 must   does\n');
    expect(clauseText(clause, 'Kubelets.')).toBe('XX-01 must   does\n             Kubelets.\n');
  });
});

describe('interrupted()', () => {
  it('counts', () => {
    expect(interrupted(1)).toBe('interrupted, 1 clause not examined');
  });
});
