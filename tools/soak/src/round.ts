// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { perform } from './actions/perform.ts';
import type { Stage } from './actions/performer.ts';
import { quietLimitMs } from './invariants/allocatable-is-truth.ts';
import type { Moment } from './invariants/invariant.ts';
import { hangLimitMs } from './invariants/nothing-hangs.ts';
import { type Action, describeAction, labelOf } from './plan/action.ts';
import type { Round as RoundPlan } from './plan/plan.ts';
import { lookAround } from './look-around.ts';
import type { RunRecord } from './run-record.ts';
import { differences } from './subjects/truth.ts';

/** What a {@link Round} works with. */
export interface RoundParts {
  readonly stage: Stage;
  readonly tell: (moment: Moment) => void;
  readonly record: RunRecord;
  readonly signal: AbortSignal;
}

/** One round: what is planned happens, then it becomes quiet, then everything is looked at. */
export class Round {
  readonly #plan: RoundPlan;
  readonly #parts: RoundParts;

  constructor(plan: RoundPlan, parts: RoundParts) {
    this.#plan = plan;
    this.#parts = parts;
  }

  /** In which nothing happens but the start of the plugin. */
  static first(parts: RoundParts): Promise<void> {
    return new Round({ number: 0, steps: [], faults: [] }, parts).#settle();
  }

  /** Rejects when the run is over. */
  async run(): Promise<void> {
    const { stage, record } = this.#parts;
    const { number, steps, faults } = this.#plan;
    record.notes(`— round ${number}`);
    const recoveries: Promise<void>[] = [];
    await Promise.all(
      steps.map(async ({ atMs, action }) => {
        await stage.pause(atMs);
        record.acts(action);
        await this.#limited(describeAction(action), perform(action, stage));
        if (faults.some((fault) => fault === action)) recoveries.push(this.#recovered(action));
      }),
    );
    await Promise.all([...recoveries, this.#settle()]);
    record.rounds = number + 1;
  }

  /** Measures how long it takes from now until the kubelet shows what there is; devices come and go meanwhile. */
  async #recovered(fault: Action): Promise<void> {
    const { stage, record } = this.#parts;
    const sinceMs = performance.now();
    await this.#untilTrue(hangLimitMs);
    if (this.#differences(stage).length > 0) return;
    const label = this.#plan.faults.length > 1 ? 'several at once' : labelOf(fault);
    record.recovered(label, performance.now() - sinceMs);
  }

  /** The looks take a second, in which a change may come late; then it has to be right again by the same time. */
  async #settle(): Promise<void> {
    const { stage, tell, signal } = this.#parts;
    const sinceMs = performance.now();
    await this.#mustBeTrue(sinceMs);
    await this.#limited('looking around', lookAround(this.#plan.number, stage, tell, signal));
    if (this.#differences(stage).length > 0) await this.#mustBeTrue(sinceMs);
  }

  async #mustBeTrue(sinceMs: number): Promise<void> {
    const { stage, tell, signal } = this.#parts;
    await this.#untilTrue(Math.max(0, quietLimitMs - (performance.now() - sinceMs)));
    tell({ type: 'quiet', differences: this.#differences(stage), afterMs: performance.now() - sinceMs });
    signal.throwIfAborted();
  }

  /** Resolves when the kubelet shows what there is, or after `timeoutMs`; rejects when the run is over. */
  async #untilTrue(timeoutMs: number): Promise<void> {
    const { stage, signal } = this.#parts;
    const endMs = performance.now() + timeoutMs;
    while (this.#differences(stage).length > 0 && performance.now() < endMs)
      await delay(lookPeriodMs, undefined, { signal });
  }

  #differences({ world: { truth, kubelet } }: Stage): string[] {
    return differences(truth, kubelet.resources());
  }

  /** What has no end within the limit is a violation, and ends the run. */
  async #limited(action: string, work: Promise<void>): Promise<void> {
    const { tell, signal } = this.#parts;
    const startMs = performance.now();
    const limit = new AbortController();
    const tooLong = delay(hangLimitMs, undefined, { signal: AbortSignal.any([signal, limit.signal]) });
    try {
      await Promise.race([work, tooLong]);
    } finally {
      limit.abort();
      tooLong.catch(() => undefined);
    }
    tell({ type: 'acted', action, tookMs: performance.now() - startMs });
    signal.throwIfAborted();
  }
}

/** How exactly recoveries are measured. */
const lookPeriodMs = 5;
