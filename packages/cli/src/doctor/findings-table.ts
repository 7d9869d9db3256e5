// SPDX-License-Identifier: Apache-2.0
import type { CheckState, Finding } from '@kube-device-plugins/core/doctor';
import { printable } from '@kube-device-plugins/terminal';

/** What was found for one plugin, or for any. */
export interface CheckGroup {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/**
 * Findings as people read them: a line each, with the reason and the remedy where there is something to mend.
 * What does not apply is at the end, those of one reason together.
 */
export function findingsTable(groups: readonly CheckGroup[]): string {
  const all = groups.flatMap(({ findings }) => findings);
  const width = Math.max(0, ...all.map(({ id }) => id.length));
  const blocks = groups
    .filter(({ findings }) => findings.length > 0)
    .map(({ name, findings }) => [`For ${name}:`, ...groupLines(findings, width)].join('\n'));
  return `${[...blocks, summary(all)].join('\n\n')}\n`;
}

function groupLines(findings: readonly Finding[], width: number): readonly string[] {
  const applicable = findings.filter(({ state }) => state !== 'not applicable');
  const others = Map.groupBy(
    findings.filter(({ state }) => state === 'not applicable'),
    ({ found }) => found,
  );
  const otherLines = [...others].map(
    ([found, same]) =>
      `  ${labels['not applicable'].padEnd(stateWidth)} ${same.map(({ id }) => id).join(', ')}: ${printable(found)}`,
  );
  return [...applicable.flatMap((finding) => linesOf(finding, width)), ...otherLines];
}

function linesOf({ id, state, found, why, remedy }: Finding, width: number): readonly string[] {
  const indent = ' '.repeat(stateWidth + width + 4);
  const line = `  ${labels[state].padEnd(stateWidth)} ${id.padEnd(width)} ${printable(found)}`;
  return remedy === undefined ? [line] : [line, `${indent}why:  ${why}`, `${indent}mend: ${printable(remedy)}`];
}

const labels: Readonly<Record<CheckState, string>> = {
  ok: 'ok',
  warning: 'warning',
  problem: 'PROBLEM',
  unknown: 'unknown',
  'not applicable': '-',
};

const stateWidth = labels.problem.length;

function summary(findings: readonly Finding[]): string {
  const count = (wanted: CheckState): number => findings.filter(({ state }) => state === wanted).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  return (
    `${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}; ` +
    `${count('ok')} ok, ${count('unknown')} unknown, ${count('not applicable')} not applicable`
  );
}
