// SPDX-License-Identifier: Apache-2.0
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Workplace } from './finding.ts';
import { lastWords, runTool } from './run-program.ts';

/** What vitest said. */
export interface TestReport {
  readonly passed: number;
  readonly skipped: number;
  /** Names of tests, and what hindered them all. */
  readonly failures: readonly string[];
}

/** Runs tests by vitest with these arguments. No test at all is a failure. */
export async function runTests({ root, scratch }: Workplace, args: readonly string[]): Promise<TestReport> {
  const file = join(scratch, 'tests.json');
  rmSync(file, { force: true });
  const how = ['--reporter=json', `--outputFile=${file}`, `--testTimeout=${patienceMs}`, `--hookTimeout=${patienceMs}`];
  const { output } = await runTool(root, 'vitest', ['run', ...how, ...args]);
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return { passed: 0, skipped: 0, failures: [`vitest did not run: ${lastWords(output)}`] };
  }
  return readReport(report);
}

/** The checklist is about what is there, not about how fast: coverage takes its time. */
const patienceMs = 120_000;

/** The part of vitest's report that is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function readReport({ testResults }: Report): TestReport {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const of = (status: string): number => tests.filter((test) => test.status === status).length;
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failures = [
    ...broken.map(({ name, message = '' }) => `${name}: ${lastWords(message)}`),
    ...tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  ];
  const passed = of('passed');
  if (passed === 0 && failures.length === 0) failures.push('there is no test');
  return { passed, skipped: of('skipped') + of('pending'), failures };
}
