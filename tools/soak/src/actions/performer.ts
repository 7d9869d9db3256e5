// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Limits } from '../invariants/all-invariants.ts';
import type { Action } from '../plan/action.ts';
import type { Subject } from '../subjects/subject.ts';
import type { SoakWorld } from '../world/soak-world.ts';

/** What actions are done to. */
export interface Stage {
  readonly world: SoakWorld;
  readonly subject: Subject;
  /** Full names of the resources, in the order of the plan's indexes. */
  readonly resources: readonly string[];
  readonly limits: Limits;
  readonly nowMs: () => number;
  /** 0.1: ten times as fast as planned. */
  readonly pace: number;
  /** Waits; as much shorter as the run is faster. */
  readonly pause: (ms: number) => Promise<void>;
}

/** How each kind of action is done. Rejects when the run is over. */
export type Performers<Of extends Action> = {
  readonly [Kind in Of['kind']]: (action: Extract<Of, { readonly kind: Kind }>, stage: Stage) => Promise<void>;
};

/** A {@link Stage.pause}. @param pace - 0.1: ten times as fast as planned. */
export function pacedPause(pace: number, signal: AbortSignal): Stage['pause'] {
  return async (ms) => {
    await delay(ms * pace, undefined, { signal });
  };
}
