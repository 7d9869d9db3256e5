// SPDX-License-Identifier: Apache-2.0
import type { Clause, ClauseResult } from '@kube-device-plugins/testkit';
import { printable } from '../printable.ts';
import { linkOf, marks, markOf, summaryOf, titleOf } from './report.ts';

/** A clause for people, with the reason for it if there is one. */
export function clauseText({ id, level, title }: Clause, reason?: string): string {
  const line = `${id} ${level.padEnd(6)} ${title}\n`;
  return reason === undefined ? line : `${line}${' '.repeat(13)}${reason}\n`;
}

/** The names of the columns of {@link resultText}. */
export const header = `${'id'.padEnd(5)}  ${'level'.padEnd(6)}  ${'result'.padEnd(7)}  ${'time'.padStart(7)}  clause\n`;

/** A row of the table of results; of what is not right, the reason and where to read on come below it. */
export function resultText(result: ClauseResult, isStrict: boolean): string {
  const { id, level, detail, durationMs } = result;
  const mark = markOf(result, isStrict);
  const time = `${(durationMs / 1000).toFixed(1)} s`.padStart(7);
  const row = `${id}  ${level.padEnd(6)}  ${mark.padEnd(7)}  ${time}  ${titleOf(result)}`;
  if (mark === 'passed' || mark === 'skipped') return detail === '' ? `${row}\n` : `${row}: ${printable(detail)}\n`;
  return `${row}\n${indent}${printable(detail)}\n${indent}${linkOf(id)}\n`;
}

const indent = ' '.repeat(7);

/** How many results there are of each kind, what is bad in the form that `--only` takes, and what was skipped by its reason. */
export function summaryText(results: readonly ClauseResult[], isStrict: boolean): string {
  const { counts, failed, advised, skipped } = summaryOf(results, isStrict);
  const profiles = [...new Set(results.map(({ profile }) => profile))].toSorted(byRelease);
  const kubelets = profiles.length === 0 ? '' : `, with kubelets of ${profiles.join(', ')}`;
  const lines = skipped.map(({ reason, ids }) => `skipped, ${printable(reason)}: ${ids.join(',')}`);
  return [
    '',
    ...lines,
    `${marks.map((mark) => `${counts[mark]} ${mark}`).join(', ')}${kubelets}`,
    ...(failed.length > 0 ? [`failed: ${failed.join(',')}`] : []),
    ...(advised.length > 0 ? [`advised: ${advised.join(',')}`] : []),
    '',
  ].join('\n');
}

function byRelease(one: string, other: string): number {
  return Number(one.slice(2)) - Number(other.slice(2));
}
