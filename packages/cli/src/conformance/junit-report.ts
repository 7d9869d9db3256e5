// SPDX-License-Identifier: Apache-2.0
import type { ClauseResult } from '@kube-device-plugins/testkit';
import { interrupted, linkOf, type Mark, markOf, type ReportSettings, titleOf } from './report.ts';

/**
 * The results in the form that most CI systems read; it has a failure or an error when the exit code is 1. Source: the schema of Apache
 * Ant's JUnit task, as testmoapp/junitxml has it.
 */
export function junitReport(
  results: readonly ClauseResult[],
  { isStrict, unexamined, problem }: ReportSettings,
): string {
  const cut = [
    ...(problem === undefined ? [] : [runCase('begins', problem)]),
    ...(unexamined > 0 ? [runCase('ends', interrupted(unexamined))] : []),
  ];
  const count = (...kinds: Mark[]): number =>
    results.filter((result) => kinds.includes(markOf(result, isStrict))).length;
  const tests = `tests="${results.length + cut.length}" failures="${count('failed')}" errors="${cut.length}"`;
  const counts = `${tests} skipped="${count('skipped', 'advised')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="device plugin conformance" ${counts}>`,
    ...results.map((result) => testCase(result, markOf(result, isStrict))),
    ...cut,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** What is of the run, and of no clause. */
function runCase(name: string, message: string): string {
  return `    <testcase classname="run" name="${name}">${tag('error', message)}</testcase>`;
}

function testCase(result: ClauseResult, kind: Mark): string {
  const { id, level, detail, durationMs } = result;
  const name = escaped(`${level}: ${titleOf(result)}`);
  const open = `    <testcase classname="${id}" name="${name}" time="${(durationMs / 1000).toFixed(3)}"`;
  const link = `<system-out>${linkOf(id)}</system-out>`;
  if (kind === 'failed') return `${open}>${tag('failure', detail)}${link}</testcase>`;
  if (kind === 'advised') return `${open}>${tag('skipped', `advised: ${detail}`)}${link}</testcase>`;
  if (kind === 'skipped') return `${open}>${tag('skipped', detail)}</testcase>`;
  return detail === '' ? `${open}/>` : `${open}><system-out>${escaped(detail)}</system-out></testcase>`;
}

function tag(name: string, message: string): string {
  return `<${name} message="${escaped(message)}"/>`;
}

/** Characters that XML does not have, such as the escape of terminals, become question marks. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '?')
    .replace(/[&<>"\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
