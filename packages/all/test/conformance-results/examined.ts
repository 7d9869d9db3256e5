// SPDX-License-Identifier: Apache-2.0
import { type ClauseResult, conformance, type ConformanceRun } from '@kube-device-plugins/testkit';

/** What is told of one plugin and one clause. */
export interface Verdict {
  readonly outcome: ClauseResult['outcome'] | 'excepted';
  /** Why it is not passed. */
  readonly detail: string;
  /** It failed at first, beside others. */
  readonly isSecond?: boolean;
}

/** By the ids of the clauses. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/**
 * Examines a plugin in all its configurations, for everything but the exceptions. What fails is examined once more with nothing beside
 * it, as a machine with much else to do misses limits.
 */
export async function examined(
  runs: readonly ConformanceRun[],
  exceptions: Readonly<Record<string, string>>,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<Verdicts> {
  const verdicts = new Map<string, Verdict>();
  const take = ({ id, outcome, detail }: ClauseResult, isSecond = false): void => {
    const known = verdicts.get(id)?.outcome;
    if (outcome === 'skipped' && known !== undefined) return;
    verdicts.set(id, { outcome, detail, isSecond });
  };
  const elsewhere = runs.flatMap(({ options }) => options.only ?? []);
  for (const { subject, options } of runs) {
    const { only } = options;
    const selection = only === undefined ? { skip: [...elsewhere, ...Object.keys(exceptions)] } : { only };
    const common = { signal, onResult: ({ id, outcome }: ClauseResult) => say(`${id} ${outcome}`) };
    const results = await conformance(subject, { ...common, ...selection, concurrency: 2 });
    for (const result of results) take(result);
    const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
    if (failed.length === 0) continue;
    for (const result of await conformance(subject, { ...common, only: failed, concurrency: 1 })) take(result, true);
  }
  for (const [id, detail] of Object.entries(exceptions)) verdicts.set(id, { outcome: 'excepted', detail });
  return verdicts;
}
