// SPDX-License-Identifier: Apache-2.0
import type { ClauseResult } from './conformance.ts';

/** A result for people. */
export function resultLine({ id, level, outcome, title, detail, durationMs }: ClauseResult): string {
  const mark = outcome === 'failed' && level === 'should' ? 'advised' : outcome;
  const why = detail === '' ? '' : `: ${detail}`;
  return `${mark.padEnd(7)} ${id}  ${(durationMs / 1000).toFixed(1).padStart(5)} s  ${title}${why}`;
}

/** How many results there are of each kind. */
export function summaryLine(results: readonly ClauseResult[]): string {
  const count = (outcome: ClauseResult['outcome'], level?: ClauseResult['level']): number =>
    results.filter((result) => result.outcome === outcome && (level ?? result.level) === result.level).length;
  return `${count('passed')} passed, ${count('failed', 'must')} failed, ${count('failed', 'should')} advised, ${count('skipped')} skipped`;
}

/** The results in the form that most CI systems read. Source: the schema of Apache Ant's JUnit task, as testmoapp/junitxml has it. */
export function junitReport(results: readonly ClauseResult[]): string {
  const failures = results.filter(({ outcome }) => outcome === 'failed').length;
  const skipped = results.filter(({ outcome }) => outcome === 'skipped').length;
  const counts = `tests="${results.length}" failures="${failures}" skipped="${skipped}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="device plugin conformance" ${counts}>`,
    ...results.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ id, level, title, outcome, detail, durationMs }: ClauseResult): string {
  const open = `    <testcase classname="${level}" name="${escaped(`${id} ${title}`)}" time="${(durationMs / 1000).toFixed(3)}"`;
  if (outcome === 'failed') return `${open}><failure message="${escaped(detail)}"/></testcase>`;
  if (outcome === 'skipped') return `${open}><skipped message="${escaped(detail)}"/></testcase>`;
  return detail === '' ? `${open}/>` : `${open}><system-out>${escaped(detail)}</system-out></testcase>`;
}

/** Characters that XML does not have, such as the escape of terminals, become question marks. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '?')
    .replace(/[&<>"\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
