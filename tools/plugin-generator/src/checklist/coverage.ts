// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, passed, type Finding, type Workplace } from './finding.ts';
import { runTests } from './run-tests.ts';

/** Per cent of lines, of which there have to be more. */
const least = 80;

/** Runs the tests of the plugin; those of its conformance examine processes of their own, where lines cannot be counted. */
export async function checkCoverage(workplace: Workplace): Promise<Finding> {
  const { plugin, scratch } = workplace;
  const coverage = [
    '--coverage',
    '--coverage.reporter=json-summary',
    `--coverage.reportsDirectory=${join(scratch, 'coverage')}`,
  ];
  const report = await runTests(workplace, ['--project', plugin, '--exclude', '**/conformance.spec.ts', ...coverage]);
  if (report.failures.length > 0) return failed(report.failures.join('; '));
  const covered = readCoverage(join(scratch, 'coverage/coverage-summary.json'));
  const detail = `${report.passed} tests, ${covered} % of lines`;
  return covered > least ? passed(detail) : failed(detail);
}

function readCoverage(file: string): number {
  const { total } = JSON.parse(readFileSync(file, 'utf8')) as { total: { lines: { pct: number } } };
  return total.lines.pct;
}
