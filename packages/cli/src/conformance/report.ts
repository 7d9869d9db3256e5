// SPDX-License-Identifier: Apache-2.0
import { type ClauseResult, newestProfile } from '@kube-device-plugins/testkit';

/** How results are judged and told. */
export interface ReportSettings {
  /** Whether what should be counts as what must be. */
  readonly isStrict: boolean;
  /** How many were left when the run was cut short. */
  readonly unexamined: number;
  /** Why there was nothing to examine: the plugin does not even run. */
  readonly problem?: string;
}

/** Where a clause is explained, from the root of this repository. */
export function linkOf(id: string): string {
  return `docs/reference/conformance.md#${id.toLowerCase()}`;
}

/** Whether a result makes the run fail: what should be is advice, unless one is strict. */
export function isFailure({ outcome, level }: ClauseResult, isStrict: boolean): boolean {
  return outcome === 'failed' && (isStrict || level === 'must');
}

export const marks = ['passed', 'failed', 'advised', 'skipped'] as const;
/** `advised`: failed in what should be. */
export type Mark = (typeof marks)[number];

/** What is told of a result. */
export function markOf(result: ClauseResult, isStrict: boolean): Mark {
  if (result.outcome !== 'failed') return result.outcome;
  return isFailure(result, isStrict) ? 'failed' : 'advised';
}

/** What became of how many, and of which. */
export interface Summary {
  readonly counts: Readonly<Record<Mark, number>>;
  /** The ids that are bad, in the order of the clauses. */
  readonly failed: readonly string[];
  readonly advised: readonly string[];
  readonly skipped: readonly { readonly reason: string; readonly ids: readonly string[] }[];
}

/** Sums the results up. */
export function summaryOf(results: readonly ClauseResult[], isStrict: boolean): Summary {
  const of = (kind: Mark): ClauseResult[] => results.filter((result) => markOf(result, isStrict) === kind);
  const idsOf = (some: readonly ClauseResult[]): string[] => [...new Set(some.map(({ id }) => id))];
  const byReason = Object.entries(Object.groupBy(of('skipped'), ({ detail }) => detail));
  return {
    counts: {
      passed: of('passed').length,
      failed: of('failed').length,
      advised: of('advised').length,
      skipped: of('skipped').length,
    },
    failed: idsOf(of('failed')),
    advised: idsOf(of('advised')),
    skipped: byReason.map(([reason, some = []]) => ({ reason, ids: idsOf(some) })),
  };
}

/** The name of a result: its title, and the kubelet if it was another one than the newest. */
export function titleOf({ title, profile }: ClauseResult): string {
  return profile === newestProfile ? title : `${title} [kubelet ${profile}]`;
}

/** That a run was cut short. */
export function interrupted(unexamined: number): string {
  return `interrupted, ${unexamined} ${unexamined === 1 ? 'clause' : 'clauses'} not examined`;
}
