// SPDX-License-Identifier: Apache-2.0
import { clauses } from '@kube-device-plugins/testkit';
import type { Verdict, Verdicts } from './examined.ts';

const intro = `<!-- SPDX-License-Identifier: Apache-2.0 -->

# Conformance results

What became of [each clause](conformance.md) with the plugins of this repository, as their bundles run, each in its own process with a kubelet of 1.37, or of 1.36 where a clause is about older ones, and a host made of files. Made by \`npm run conformance:results\`, which takes a quarter of an hour or two; what fails is examined once more with nothing beside it, and marked. Limits are those of the clauses, but for those that take minutes: \`idleMs\`, \`flapMs\`, \`churnMs\` and \`pingMs\` are shorter ([defaults](../../packages/testkit/README.md)).

✓ passed · ✓² passed when examined once more · ✗ failed · – not examined, for the reason of that number · ! done otherwise on purpose, or not possible on its host`;

/** docs/reference/conformance-results.md: a row for each clause, a column for each plugin. */
export function resultsPage(columns: Readonly<Record<string, Verdicts>>): string {
  const reasons: string[] = [];
  const cell = (verdict: Verdict | undefined): string => {
    const { outcome, detail } = verdict ?? { outcome: 'skipped', detail: 'the run was cut short' };
    if (outcome === 'passed') return verdict?.isSecond === true ? '✓²' : '✓';
    if (!reasons.includes(detail)) reasons.push(detail);
    return `${signs[outcome]} ${reasons.indexOf(detail) + 1}`;
  };
  const plugins = Object.keys(columns);
  const rows = clauses.map(({ id, level, title }) => {
    const cells = plugins.map((plugin) => cell(columns[plugin]?.get(id)));
    return row([`[${id}](conformance.md#${id.toLowerCase()})`, level, ...cells, title]);
  });
  const table = [
    row(['Clause', 'Level', ...plugins, 'What a good plugin does']),
    row(plugins.concat('', '', '').map(() => '---')),
    ...rows,
  ];
  const counts = plugins.map((plugin) => `${plugin} ${passedOf(columns[plugin])}`).join(', ');
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason.replaceAll('\n', ' ')}`);
  return `${[intro, `Passed of ${clauses.length}: ${counts}.`, table.join('\n'), '## Reasons', notes.join('\n')].join('\n\n')}\n`;
}

const signs = { failed: '✗', skipped: '–', excepted: '!' } as const;

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function passedOf(verdicts: Verdicts | undefined): number {
  return [...(verdicts?.values() ?? [])].filter(({ outcome }) => outcome === 'passed').length;
}
