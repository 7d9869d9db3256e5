// SPDX-License-Identifier: Apache-2.0
import type { Clause } from './clause.ts';
import type { ClauseResult } from './conformance.ts';

/** A clause for people, with the reason for it if there is one. */
export function clauseText({ id, level, title }: Clause, reason?: string): string {
  const line = `${id} ${level.padEnd(6)} ${title}\n`;
  return reason === undefined ? line : `${line}${' '.repeat(13)}${reason}\n`;
}

/** Whether a result makes the run fail: what should be is advice, unless one is strict. */
export function isFailure({ outcome, level }: ClauseResult, isStrict: boolean): boolean {
  return outcome === 'failed' && (isStrict || level === 'must');
}

/** A result for people. */
export function resultLine(result: ClauseResult, isStrict: boolean): string {
  const { id, level, title, detail, durationMs } = result;
  const seconds = (durationMs / 1000).toFixed(1).padStart(5);
  const why = detail === '' ? '' : `: ${detail}`;
  return `${mark(result, isStrict).padEnd(7)} ${level.padEnd(6)} ${id}  ${seconds} s  ${title}${why}`;
}

/** How many results there are of each kind, and which are bad, in the form that `--only` takes. */
export function summary(results: readonly ClauseResult[], isStrict: boolean): string {
  const idsOf = (kind: Mark): string[] =>
    results.filter((result) => mark(result, isStrict) === kind).map(({ id }) => id);
  const counts = marks.map((kind) => `${idsOf(kind).length} ${kind}`).join(', ');
  const bad = (['failed', 'advised'] as const).filter((kind) => idsOf(kind).length > 0);
  return [counts, ...bad.map((kind) => `${kind}: ${idsOf(kind).join(',')}`), ''].join('\n');
}

/**
 * The results in the form that most CI systems read; it has a failure or an error when the exit code is 1. Source: the schema of Apache
 * Ant's JUnit task, as testmoapp/junitxml has it.
 */
export function junitReport(
  results: readonly ClauseResult[],
  { isStrict, unexamined }: { readonly isStrict: boolean; readonly unexamined: number },
): string {
  const cut =
    unexamined > 0 ? [`    <testcase classname="run" name="ends">${tag('error', interrupted(unexamined))}`] : [];
  const count = (...kinds: Mark[]): number => results.filter((result) => kinds.includes(mark(result, isStrict))).length;
  const tests = `tests="${results.length + cut.length}" failures="${count('failed')}" errors="${cut.length}"`;
  const counts = `${tests} skipped="${count('skipped', 'advised')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="device plugin conformance" ${counts}>`,
    ...results.map((result) => testCase(result, mark(result, isStrict))),
    ...cut,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** That a run was cut short. */
export function interrupted(unexamined: number): string {
  return `interrupted, ${unexamined} ${unexamined === 1 ? 'clause' : 'clauses'} not examined`;
}

const marks = ['passed', 'failed', 'advised', 'skipped'] as const;
type Mark = (typeof marks)[number];

function mark(result: ClauseResult, isStrict: boolean): Mark {
  if (result.outcome !== 'failed') return result.outcome;
  return isFailure(result, isStrict) ? 'failed' : 'advised';
}

function testCase({ id, level, title, detail, durationMs }: ClauseResult, kind: Mark): string {
  const name = escaped(`${level}: ${title}`);
  const open = `    <testcase classname="${id}" name="${name}" time="${(durationMs / 1000).toFixed(3)}"`;
  if (kind === 'failed') return `${open}>${tag('failure', detail)}`;
  if (kind === 'advised') return `${open}>${tag('skipped', `advised: ${detail}`)}`;
  if (kind === 'skipped') return `${open}>${tag('skipped', detail)}`;
  return detail === '' ? `${open}/>` : `${open}><system-out>${escaped(detail)}</system-out></testcase>`;
}

function tag(name: string, message: string): string {
  return `<${name} message="${escaped(message)}"/></testcase>`;
}

/** Characters that XML does not have, such as the escape of terminals, become question marks. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '?')
    .replace(/[&<>"\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
