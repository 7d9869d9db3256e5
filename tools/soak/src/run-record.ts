// SPDX-License-Identifier: Apache-2.0
import type { Measured } from './invariants/invariant.ts';
import type { Watch } from './invariants/watch.ts';
import type { Outcome } from './outcome.ts';
import { type Action, describeAction, labelOf } from './plan/action.ts';
import type { Subject } from './subjects/subject.ts';
import type { SoakWorld } from './world/soak-world.ts';

/** What is kept of a run while it goes on. */
export class RunRecord {
  rounds = 0;
  readonly measured: Measured[] = [];
  readonly #nowMs: () => number;
  readonly #actions = new Map<string, number>();
  readonly #recoveries = new Map<string, number[]>();
  readonly #log: { readonly atMs: number; readonly action: string }[] = [];
  #toldAtMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  acts(action: Action): void {
    this.notes(describeAction(action));
    this.#actions.set(labelOf(action), (this.#actions.get(labelOf(action)) ?? 0) + 1);
  }

  notes(action: string): void {
    if (this.#log.push({ atMs: this.#nowMs(), action }) > keptActions) this.#log.shift();
  }

  /** @param label - the kind of fault. */
  recovered(label: string, tookMs: number): void {
    this.#recoveries.set(label, [...(this.#recoveries.get(label) ?? []), tookMs]);
  }

  /** A line every few seconds. */
  tellProgress(world: SoakWorld, progress: (text: string) => void): void {
    if (this.#nowMs() - this.#toldAtMs < progressPeriodMs) return;
    this.#toldAtMs = this.#nowMs();
    const actions = [...this.#actions.values()].reduce((sum, count) => sum + count, 0);
    const { heapMiB = 0, rssMiB = 0, openFiles = 0 } = this.measured.at(-1) ?? {};
    const memory = `heap ${heapMiB.toFixed(1)} MiB, resident ${rssMiB.toFixed(0)} MiB, ${openFiles} open files`;
    progress(`round ${this.rounds}: ${actions} actions, ${world.pods.admitted} pods, ${memory}`);
  }

  outcome(run: { subject: Subject; seed: number }, world: SoakWorld, watch: Watch, isInterrupted: boolean): Outcome {
    return {
      plugin: run.subject.name,
      seed: run.seed,
      tookMs: this.#nowMs(),
      rounds: this.rounds,
      isInterrupted,
      violation: watch.violation,
      actions: Object.fromEntries(this.#actions),
      pods: { admitted: world.pods.admitted, refused: Object.fromEntries(world.pods.refusals) },
      recoveriesMs: Object.fromEntries(this.#recoveries),
      measured: this.measured,
      checks: Object.fromEntries(watch.checks),
      log: this.#log,
      lastLines: world.lastLines,
      cdiDisk: run.subject.usesCdi ? world.disk.how : undefined,
    };
  }
}

const progressPeriodMs = 5_000;
const keptActions = 60;
