// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import { type Budgets, defaultBudgets } from './budgets.ts';
import type { KubeletProfile } from '../kubelet-profile.ts';
import { type Clause, type ClauseContext, NotReached, Skipped } from './clause.ts';
import { type Examination, examinationsOf, newestProfile, type Selection } from './selection.ts';
import { Stage, type StageSettings } from './stage.ts';
import type { ConformanceSubject } from './subject.ts';
import { tryOut } from './trial.ts';

/** What became of one clause. */
export interface ClauseResult {
  readonly id: string;
  readonly level: 'must' | 'should';
  readonly title: string;
  /** The release whose kubelet it was examined with. */
  readonly profile: KubeletProfile;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; of a pass, what is worth to be known. */
  readonly detail: string;
  readonly durationMs: number;
}

/** Which clauses, and how. */
export interface ConformanceOptions extends Selection {
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
  const planned = examinationsOf(options);
  const results = new Map<Examination, ClauseResult>();
  const profile = options.profile === undefined || options.profile === 'all' ? newestProfile : options.profile;
  const run: StageSettings = { subject, budgets, timing: { longestStartMs: leastStartMs }, profile, signal };
  const queue = unitsOf(planned);
  if (planned.length > 0) await tryOut(run);
  const work = async (): Promise<void> => {
    for (let unit = queue.shift(); unit !== undefined && !signal.aborted; unit = queue.shift()) {
      for await (const [examination, result] of examine(unit, run)) {
        results.set(examination, result);
        onResult(result);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return planned.flatMap((examination) => results.get(examination) ?? []);
}

/** Before anything is known of a plugin. */
const leastStartMs = 1_000;

/** What is examined with one plugin: a clause by itself, or those of a group that may share. Long ones begin first. */
function unitsOf(planned: readonly Examination[]): Examination[][] {
  const solo = planned.filter(({ clause }) => clause.shares !== true).map((examination) => [examination]);
  const shared = Object.values(
    Object.groupBy(
      planned.filter(({ clause }) => clause.shares === true),
      ({ clause }) => clause.id.slice(0, 2),
    ),
  );
  return [...shared.map((group) => group ?? []), ...solo];
}

async function* examine(
  unit: readonly Examination[],
  run: StageSettings,
): AsyncGenerator<readonly [Examination, ClauseResult]> {
  const { signal, budgets } = run;
  const isOver = (): boolean => signal.aborted;
  let stage: Stage | undefined;
  try {
    for (const examination of unit) {
      const { clause, profile } = examination;
      if (isOver()) return;
      const limitMs = budgets.clauseMs + (clause.watchesMs?.(budgets) ?? 0);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      stage ??= new Stage({ ...run, profile });
      const result = await resultOf(examination, { stage, subject: run.subject, budgets, signal: limit }, limitMs);
      if (isOver()) return;
      yield [examination, result];
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

async function resultOf(
  { clause, profile, otherwise }: Examination,
  context: ClauseContext,
  limitMs: number,
): Promise<ClauseResult> {
  const { id, level, title } = clause;
  const startMs = performance.now();
  const { outcome, detail } =
    otherwise === undefined
      ? await outcomeOf(clause, context, limitMs)
      : { outcome: 'skipped' as const, detail: otherwise };
  return { id, level, title, profile, outcome, detail, durationMs: Math.round(performance.now() - startMs) };
}

async function outcomeOf(
  clause: Clause,
  { stage, subject, budgets, signal }: ClauseContext,
  limitMs: number,
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
    return { outcome: 'passed', detail: (await within(run(), signal, limitMs)) ?? '' };
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
