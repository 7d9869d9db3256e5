// SPDX-License-Identifier: Apache-2.0
import type { Budgets } from './budgets.ts';
import type { KubeletProfile } from '../kubelet-profile.ts';
import type { Stage } from './stage.ts';
import type { ConformanceSubject, InventoryHooks } from './subject.ts';

/** What a clause has to work with. */
export interface ClauseContext {
  readonly stage: Stage;
  readonly subject: ConformanceSubject;
  readonly budgets: Budgets;
  /** Aborts when the clause has used up its time, or the whole run is to end. */
  readonly signal: AbortSignal;
}

/** One thing that a good plugin does. */
export interface Clause {
  /** As in "A good v1beta1 device plugin", e.g. `ST-01`. */
  readonly id: string;
  readonly level: 'must' | 'should';
  /** What a plugin that passes does. */
  readonly title: string;
  /**
   * Goes without a plugin of its own: it gets one that is registered and running, leaves it as it was, and does not disturb those that
   * come after it.
   */
  readonly shares?: boolean;
  readonly needs?: readonly (keyof InventoryHooks)[];
  /** Whether kubelets of different releases do different things in it. */
  readonly differs?: boolean;
  /** Of the kubelet that it is about, by that of the run; undefined where the clause has nothing to say of it. Default that of the run. */
  readonly profile?: (asked: KubeletProfile) => KubeletProfile | undefined;
  /** How long it watches the plugin, beside what every clause may take. */
  readonly watchesMs?: (budgets: Budgets) => number;
  /** Returns what is worth to be said of a pass. @throws anything when the plugin fails; {@link Skipped} when it cannot be told. */
  readonly check: (context: ClauseContext) => Promise<string | undefined> | Promise<void>;
}

/** The clause does not apply to this plugin, or cannot be examined with what was given. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** The plugin does not do what the clause says; the message tells what it did instead. */
export class ClauseFailure extends Error {
  override readonly name = 'ClauseFailure';
}

/** The plugin fails in a step on the way to what the clause is about. */
export class NotReached extends ClauseFailure {
  /** The clause that is about that step. */
  readonly see: string;

  constructor(see: string, cause: ClauseFailure) {
    super(cause.message, { cause });
    this.see = see;
  }
}

/** A step on the way to what a clause is about. @throws NotReached when the plugin fails in it. */
export async function reach<T>(see: string, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw error instanceof ClauseFailure ? new NotReached(see, error) : error;
  }
}

/** @throws ClauseFailure unless it is so. */
export function expect(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new ClauseFailure(otherwise);
}

/** A hook that is in `needs`, to be called at once. */
export function hook<Name extends keyof InventoryHooks>(
  { stage, subject }: ClauseContext,
  name: Name,
): NonNullable<InventoryHooks[Name]> {
  const found = subject.hooks?.[name];
  if (found === undefined) throw new Skipped(`needs the hook ${name}, which was not given`);
  stage.deed = `called the hook ${name}`;
  return found;
}
