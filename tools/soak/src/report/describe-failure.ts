// SPDX-License-Identifier: Apache-2.0
import type { Outcome } from '../outcome.ts';

/** What did not hold, what came before it, and how to see it again. */
export function describeFailure(
  { plugin, seed, violation, log, lastLines }: Outcome,
  { minutes, program }: { readonly minutes: number; readonly program: string | undefined },
): string {
  if (violation === undefined) return '';
  const other = program === undefined ? '' : ` --program ${program}`;
  return [
    '',
    `${plugin}: ${violation.invariant} does not hold: ${violation.promise}`,
    `  expected  ${violation.expected}`,
    `  seen      ${violation.seen}`,
    `  when      ${seconds(violation.atMs)} after the start`,
    `  again     npm run soak -- ${minutes} --seed ${seed} --plugin ${plugin.replace(/-plugin$/, '')}${other}`,
    '  what was done before:',
    ...log.map(({ atMs, action }) => `    ${seconds(atMs).padStart(9)}  ${action}`),
    '  the last that the plugin wrote:',
    ...lastLines.map((line) => `    ${line}`),
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
