// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import { type Budgets, defaultBudgets } from './budgets.ts';
import { type Clause, NotReached, Skipped } from './clause.ts';
import { clauses } from './clauses.ts';
import { Stage, type Timing } from './stage.ts';
import type { ConformanceSubject } from './subject.ts';
import { tryOut } from './trial.ts';

/** What became of one clause. */
export interface ClauseResult {
  readonly id: string;
  readonly level: 'must' | 'should';
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; of a pass, what is worth to be known. */
  readonly detail: string;
  readonly durationMs: number;
}

/** Which clauses, and how. */
export interface ConformanceOptions {
  /** Ids or their beginnings, e.g. `ST-01` or `ST`; default all. */
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** What differs from {@link defaultBudgets}. */
  readonly budgets?: Partial<Budgets>;
  /** Plugins that run at a time. Default 2. */
  readonly concurrency?: number;
  readonly onResult?: (result: ClauseResult) => void;
  /** Ends the run early: what has not been examined is missing in the results. */
  readonly signal?: AbortSignal;
}

/**
 * Examines a plugin in any language: starts its command over and over, each time with a kubelet and a directory of its own, and finds
 * out whether it does what a good v1beta1 device plugin does. Processes and directories are gone when it resolves.
 *
 * @returns a result for each clause, in the order of the clauses.
 * @throws DevicePluginError `FLAG_INVALID` when the command cannot be started, or registers other resources; ClauseFailure when the plugin
 * exits at once, or registers nothing. Both come from a first start, before any clause.
 */
export async function conformance(
  subject: ConformanceSubject,
  options: ConformanceOptions = {},
): Promise<ClauseResult[]> {
  const { concurrency = 2, signal = new AbortController().signal, onResult = () => undefined } = options;
  const budgets = { ...defaultBudgets, ...options.budgets };
  const selected = selectClauses(options);
  const results = new Map<string, ClauseResult>();
  const timing = { longestStartMs: leastStartMs };
  const queue = unitsOf(selected);
  if (selected.length > 0) await tryOut(subject, budgets, timing, signal);
  const work = async (): Promise<void> => {
    for (let unit = queue.shift(); unit !== undefined && !signal.aborted; unit = queue.shift()) {
      for await (const result of examine(unit, subject, budgets, timing, signal)) {
        results.set(result.id, result);
        onResult(result);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return selected.flatMap(({ id }) => results.get(id) ?? []);
}

/** Before anything is known of a plugin. */
const leastStartMs = 1_000;

/** The clauses that are left by `only` and `skip`. */
export function selectClauses({ only, skip = [] }: Pick<ConformanceOptions, 'only' | 'skip'>): Clause[] {
  const isIn = (ids: readonly string[], id: string): boolean =>
    ids.some((start) => id === start || id.startsWith(`${start}-`));
  return clauses.filter(({ id }) => (only === undefined || isIn(only, id)) && !isIn(skip, id));
}

/** What is examined with one plugin: a clause by itself, or those of a group that may share. Long ones begin first. */
function unitsOf(selected: readonly Clause[]): Clause[][] {
  const solo = selected.filter(({ shares }) => shares !== true).map((clause) => [clause]);
  const shared = Object.values(
    Object.groupBy(
      selected.filter(({ shares }) => shares === true),
      ({ id }) => id.slice(0, 2),
    ),
  );
  return [...shared.map((group) => group ?? []), ...solo];
}

async function* examine(
  unit: readonly Clause[],
  subject: ConformanceSubject,
  budgets: Budgets,
  timing: Timing,
  signal: AbortSignal,
): AsyncGenerator<ClauseResult> {
  const isOver = (): boolean => signal.aborted;
  let stage: Stage | undefined;
  try {
    for (const clause of unit) {
      if (isOver()) return;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(budgets.clauseMs)]);
      stage ??= new Stage(subject, budgets, timing, signal);
      const result = await resultOf(clause, { stage, subject, budgets, signal: limit });
      if (isOver()) return;
      yield result;
      // What failed may have left anything behind.
      if (result.outcome === 'failed' || clause.shares !== true) {
        await stage[Symbol.asyncDispose]();
        stage = undefined;
      }
    }
  } finally {
    await stage?.[Symbol.asyncDispose]();
  }
}

interface Examination {
  readonly stage: Stage;
  readonly subject: ConformanceSubject;
  readonly budgets: Budgets;
  readonly signal: AbortSignal;
}

async function resultOf(clause: Clause, examination: Examination): Promise<ClauseResult> {
  const { id, level, title } = clause;
  const startMs = performance.now();
  const { outcome, detail } = await outcomeOf(clause, examination);
  return { id, level, title, outcome, detail, durationMs: Math.round(performance.now() - startMs) };
}

async function outcomeOf(
  clause: Clause,
  { stage, subject, budgets, signal }: Examination,
): Promise<Pick<ClauseResult, 'outcome' | 'detail'>> {
  const missing = clause.needs?.filter((name) => subject.hooks?.[name] === undefined) ?? [];
  if (missing.length > 0)
    return { outcome: 'skipped', detail: `needs the hook ${missing.join(' and ')}, which was not given` };
  stage.deed = undefined;
  try {
    const run = async (): Promise<string | undefined> => {
      if (clause.shares === true && !stage.hasBegun) await stage.begin();
      return (await clause.check({ stage, subject, budgets, signal })) ?? undefined;
    };
    return { outcome: 'passed', detail: (await within(run(), signal, budgets.clauseMs)) ?? '' };
  } catch (error) {
    if (error instanceof Skipped) return { outcome: 'skipped', detail: error.message };
    return { outcome: 'failed', detail: failureText(error, stage.deed) };
  }
}

/** What was done to the plugin comes before what it did. */
function failureText(error: unknown, deed: string | undefined): string {
  const text = deed === undefined ? messageOf(error) : `${deed}; ${messageOf(error)}`;
  return error instanceof NotReached ? `not reached, see ${error.see}: ${text}` : text;
}

async function within<T>(work: Promise<T>, signal: AbortSignal, limitMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(new Error(`the clause did not end within ${limitMs} ms`));
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
