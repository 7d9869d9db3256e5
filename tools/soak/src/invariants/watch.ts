// SPDX-License-Identifier: Apache-2.0
import type { Breach, Invariant, Moment, Verdict } from './invariant.ts';

/** The first thing that did not hold. */
export interface Violation extends Breach {
  readonly invariant: string;
  readonly promise: string;
  readonly atMs: number;
}

/** Checks every moment with every invariant, and counts. */
export class Watch {
  readonly #invariants: readonly Invariant[];
  readonly #checks: Map<string, number>;
  readonly #onViolation: (violation: Violation) => void;
  readonly #nowMs: () => number;
  #violation: Violation | undefined;

  constructor(invariants: readonly Invariant[], nowMs: () => number, onViolation: (violation: Violation) => void) {
    this.#invariants = invariants;
    this.#checks = new Map(invariants.map(({ name }) => [name, 0]));
    this.#nowMs = nowMs;
    this.#onViolation = onViolation;
  }

  /** What comes after it may be its consequence, and is not looked at. */
  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** Invariant → how often it was found to hold. */
  get checks(): ReadonlyMap<string, number> {
    return this.#checks;
  }

  get promises(): ReadonlyMap<string, string> {
    return new Map(this.#invariants.map(({ name, promise }) => [name, promise]));
  }

  see(moment: Moment): void {
    for (const invariant of this.#invariants) {
      if (this.#violation !== undefined) return;
      this.#judge(invariant, invariant.check(moment));
    }
  }

  #judge({ name, promise }: Invariant, verdict: Verdict): void {
    if (verdict === 'kept') this.#checks.set(name, (this.#checks.get(name) ?? 0) + 1);
    if (verdict === undefined || verdict === 'kept') return;
    this.#violation = { ...verdict, invariant: name, promise, atMs: this.#nowMs() };
    this.#onViolation(this.#violation);
  }
}
