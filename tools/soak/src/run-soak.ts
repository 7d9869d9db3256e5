// SPDX-License-Identifier: Apache-2.0
import { pacedPause, type Stage } from './actions/performer.ts';
import { allInvariants, type Limits } from './invariants/all-invariants.ts';
import type { Moment } from './invariants/invariant.ts';
import { Watch } from './invariants/watch.ts';
import type { Outcome } from './outcome.ts';
import { type PlanShape, planOf } from './plan/plan.ts';
import { Round } from './round.ts';
import { RunRecord } from './run-record.ts';
import type { Subject } from './subjects/subject.ts';
import { SoakWorld } from './world/soak-world.ts';

/** How to run. */
export interface SoakSettings {
  readonly subject: Subject;
  /** Node's flags and the program, without the flags of the plugin. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly seed: number;
  /** No round begins after that. */
  readonly durationMs: number;
  /** And not more of them than this. */
  readonly rounds?: number;
  /** 1 as planned; 0.1 ten times as fast. */
  readonly pace: number;
  readonly cycle: PlanShape['cycle'];
  readonly limits: Limits;
  /** Leave the directory with the plugin's log behind. */
  readonly keep: boolean;
  /** Is told now and then how it goes. */
  readonly progress: (text: string) => void;
}

/**
 * Does to a plugin what its seed says, round by round, until the time is over, `signal` aborts or an invariant does not hold.
 * After each round it waits for quiet and looks at everything. Leaves nothing behind.
 */
export async function runSoak(settings: SoakSettings, signal: AbortSignal): Promise<Outcome> {
  const { subject, seed, durationMs, rounds = Infinity, pace, cycle, limits, progress } = settings;
  const startMs = performance.now();
  const nowMs = (): number => performance.now() - startMs;
  const violated = new AbortController();
  const over = AbortSignal.any([signal, violated.signal]);
  const record = new RunRecord(nowMs);
  const watch = new Watch(allInvariants(subject.settleMs, limits), nowMs, () => {
    violated.abort();
  });
  const tell = (moment: Moment): void => {
    // The end of the world is no part of the run.
    if (!over.aborted) watch.see(moment);
    if (moment.type === 'measured') record.measured.push(moment);
  };
  const world = await SoakWorld.create({ ...settings, tell, nowMs });
  await using _world = world;
  if (settings.keep) world.keep(progress);
  const resources = [...new Set(subject.slots.map(({ resource }) => resource))];
  const stage: Stage = { world, subject, limits, resources, nowMs, pace, pause: pacedPause(pace, over) };
  const parts = { stage, tell, record, signal: over };
  try {
    await world.kubelet.start();
    world.plugin.start();
    await Round.first(parts);
    for (const plan of planOf(seed, { slots: subject.slots, usesCdi: subject.usesCdi, cycle })) {
      if (nowMs() >= durationMs || plan.number >= rounds) break;
      await new Round(plan, parts).run();
      record.tellProgress(world, progress);
    }
  } catch (error) {
    if (!over.aborted) throw error;
  }
  return record.outcome(settings, world, watch, signal.aborted);
}
