// SPDX-License-Identifier: Apache-2.0
import { type Clause, clauses, reasons, stimuli } from '@kube-device-plugins/testkit';

const groups: Readonly<Record<string, string>> = {
  ST: 'Start-up and registration',
  LI: 'Listing',
  HE: 'Health',
  HP: 'Hotplug',
  AL: 'Allocation',
  PA: 'Preferred allocation',
  PS: 'Preparation before a start',
  RS: 'Restarts of the kubelet, and streams',
  SD: 'Shutdown',
  RB: 'Robustness',
};

/** docs/reference/conformance.md: every clause with what is done to a plugin, what a good one does, and why. */
export function referencePage(): string {
  const byLevel = (level: Clause['level']): number => clauses.filter((clause) => clause.level === level).length;
  const sections = Object.entries(groups).flatMap(([group, name]) => [
    `## ${name}`,
    ...clauses.filter(({ id }) => id.startsWith(`${group}-`)).map(section),
  ]);
  return [
    '<!-- SPDX-License-Identifier: Apache-2.0 -->',
    '# Conformance',
    `What a good device plugin of \`v1beta1\` does, in ${clauses.length} clauses: ${byLevel('must')} that it must meet, and ` +
      `${byLevel('should')} that it should. \`npm run kdp -- conformance\` examines a plugin in any language for them: ` +
      '[is a plugin any good?](../../packages/testkit/README.md#is-a-plugin-any-good) says how, and ' +
      '[these are the results](conformance-results.md) of the plugins here.',
    'This page is what `npm run -s conformance -- --reference` prints; a test compares them.',
    ...sections,
    '',
  ]
    .join('\n\n')
    .replace(/\n\n$/, '\n');
}

function section(clause: Clause): string {
  const { id, level, title, needs = [], differs = false } = clause;
  return [
    `### ${id}`,
    `A plugin ${level === 'must' ? '**must**' : '**should**'}: ${title}.`,
    [
      `- What is done: ${stimuli[id] ?? ''}`,
      `- Why: ${reasons[id] ?? ''}`,
      ...(needs.length > 0 ? [`- Needs: ${needs.map((name) => `\`${name}\``).join(', ')}`] : []),
      ...(differs ? ['- Kubelets differ: `--profile all` examines it with each.'] : []),
    ].join('\n'),
  ].join('\n\n');
}
