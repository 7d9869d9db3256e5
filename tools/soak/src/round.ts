// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { perform } from './actions/perform.ts';
import type { Stage } from './actions/performer.ts';
import type { Moment } from './invariants/invariant.ts';
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

  /** In which nothing happens but the start of the plugin, for which a busy machine may need longer. */
  static first(parts: RoundParts): Promise<void> {
    const { quietMs, hangMs } = parts.stage.limits;
    return new Round({ number: 0, steps: [], faults: [] }, parts).#settle(Math.max(quietMs, hangMs));
  }

  /** Rejects when the run is over. */
  async run(): Promise<void> {
    const { stage, record } = this.#parts;
    const { number, steps, faults } = this.#plan;
    record.notes(`— round ${number}`);
    const recoveries: Promise<void>[] = [];
    try {
      await Promise.all(
        steps.map(async ({ atMs, action }) => {
          await stage.pause(atMs);
          record.acts(action);
          await this.#limited(describeAction(action), perform(action, stage));
          if (faults.some((fault) => fault === action)) recoveries.push(this.#recovered(action));
        }),
      );
      await this.#settle(stage.limits.quietMs);
    } finally {
      // They end by themselves, and with the run.
      await Promise.allSettled(recoveries);
    }
    record.rounds = number + 1;
  }

  /** Measures how long from now the kubelet shows anything else than what there is; devices come and go meanwhile. */
  async #recovered(fault: Action): Promise<void> {
    const { stage, record, signal } = this.#parts;
    const sinceMs = performance.now();
    let wrongMs = 0;
    for (
      let passedMs = 0;
      passedMs < Math.min(wrongMs + effectMs, stage.limits.hangMs);
      passedMs = performance.now() - sinceMs
    ) {
      if (this.#differences(stage).length > 0) wrongMs = passedMs;
      await delay(lookPeriodMs, undefined, { signal });
    }
    record.recovered(this.#plan.faults.length > 1 ? 'several at once' : labelOf(fault), wrongMs);
  }

  /** The looks take a second, in which a change may come late; then it has to be right again by the same time. */
  async #settle(limitMs: number): Promise<void> {
    const { stage, tell, signal } = this.#parts;
    const sinceMs = performance.now();
    await this.#mustBeTrue(sinceMs, limitMs);
    await this.#limited(
      'looking around',
      lookAround({ number: this.#plan.number, quietSinceMs: sinceMs, stage, tell, signal }),
    );
    if (this.#differences(stage).length > 0) await this.#mustBeTrue(sinceMs, limitMs);
  }

  async #mustBeTrue(sinceMs: number, limitMs: number): Promise<void> {
    const { stage, tell, signal } = this.#parts;
    await this.#untilTrue(limitMs - (performance.now() - sinceMs));
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
    const { stage, tell, signal } = this.#parts;
    const startMs = performance.now();
    const limit = new AbortController();
    const tooLong = delay(stage.limits.hangMs, undefined, { signal: AbortSignal.any([signal, limit.signal]) });
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

/** Within which a fault shows, if it does. */
const effectMs = 100;

/** How exactly recoveries are measured. */
const lookPeriodMs = 5;
