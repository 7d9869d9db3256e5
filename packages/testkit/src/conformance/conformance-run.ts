// SPDX-License-Identifier: Apache-2.0
import type { Budgets } from './budgets.ts';
import { type ClauseResult, conformance, type ConformanceOptions } from './conformance.ts';
import type { ConformanceSubject } from './subject.ts';

/** A plugin in one of its configurations, and the clauses that it is examined for in it. */
export interface ConformanceRun {
  readonly subject: ConformanceSubject;
  readonly options: Pick<ConformanceOptions, 'only' | 'skip'>;
}

/**
 * For a test that runs beside others on a busy machine: a plugin has longer than the clauses say, and is watched for less long.
 */
export const patientBudgets: Partial<Budgets> = {
  registerMs: 30_000,
  firstListMs: 2_000,
  changeMs: 8_000,
  exitMs: 10_000,
  allocateMs: 1_000,
  idleMs: 2_000,
  stormMs: 5_000,
  pingMs: 500,
  flapMs: 2_000,
  changeCpuMs: 10,
  churnMs: 2_000,
};

/** Where nothing but the core has a part in what a plugin does, and simple-plugin is examined for all: it would take minutes each time. */
export const coreClauses: readonly string[] = [
  ...['ST-04', 'ST-08', 'ST-14', 'ST-19', 'LI-04', 'LI-07', 'HP-03', 'AL-12', 'AL-20', 'RS-18', 'RS-19', 'RS-21'],
  ...['SD-08', 'RB-08', 'RB-09', 'RB-11', 'RB-13', 'RB-16'],
];

/** What a test is to expect of a plugin. */
export interface ConformanceSummary {
  /** How many clauses it was examined for. */
  readonly examined: number;
  /** Each that it does not pass, with the reason. */
  readonly problems: readonly string[];
}

/** Examines a plugin in all its configurations, with {@link patientBudgets} where `budgets` says nothing else, and without `skip`. */
export async function patientConformance(
  runs: readonly ConformanceRun[],
  { skip = [], budgets = {} }: Pick<ConformanceOptions, 'skip' | 'budgets'> = {},
): Promise<ConformanceSummary> {
  const common = { budgets: { ...patientBudgets, ...budgets }, concurrency: 4 };
  const results: ClauseResult[] = [];
  for (const { subject, options } of runs) {
    const all = { ...options, ...common, skip: [...(options.skip ?? []), ...skip] };
    results.push(...(await conformance(subject, all)));
  }
  const problems = results.filter(({ outcome }) => outcome !== 'passed');
  return {
    examined: results.length,
    problems: problems.map(({ id, outcome, detail }) => `${id} ${outcome}: ${detail}`),
  };
}
