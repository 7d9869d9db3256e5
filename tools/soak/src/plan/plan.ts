// SPDX-License-Identifier: Apache-2.0
import { SeededRandom } from '@kube-device-plugins/testkit';
import type { Slot, SlotState } from '../subjects/subject.ts';
import type { Action, DeviceAction, Fault } from './action.ts';
import { between, oneOf } from './dice.ts';
import { FaultDealer } from './faults.ts';
import { PodPlan } from './pod-plan.ts';

/** What a plan depends on besides its seed. */
export interface PlanShape {
  readonly slots: readonly Pick<Slot, 'resource' | 'states'>[];
  readonly usesCdi: boolean;
  /** Of each `rounds` rounds the first `withRestarts` end the plugin's process; in the others it lives on, so that leaks show. */
  readonly cycle: { readonly rounds: number; readonly withRestarts: number };
}

/** What happens before the next quiet. */
export interface Round {
  readonly number: number;
  readonly steps: readonly Step[];
  /** Those of the steps that are faults. */
  readonly faults: readonly Fault[];
}

export interface Step {
  /** From the beginning of the round. */
  readonly atMs: number;
  readonly action: Action;
}

/** The rounds of a run, without end: the same seed and shape give the same ones. */
export function* planOf(seed: number, { slots, usesCdi, cycle }: PlanShape): Generator<Round> {
  // Spreads the bits of small seeds, with which xorshift would begin with small numbers.
  const random = new SeededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  const faultDealer = new FaultDealer(random, usesCdi);
  const pods = new PodPlan(random, new Set(slots.map(({ resource }) => resource)).size);
  for (let number = 0; ; number++) {
    const endsPlugin = number % cycle.rounds < cycle.withRestarts;
    const faults = Array.from({ length: faultsInRound(random) }, (_, index) =>
      faultDealer.deal(endsPlugin && index === 0),
    );
    const devices = Array.from({ length: between(random, 1, 4) }, () => changeOf(random, slots));
    const steps = [...pods.next(), ...devices, ...faults].map((action) => ({
      atMs: between(random, 0, roundMs),
      action,
    }));
    yield { number, steps: steps.sort((a, b) => a.atMs - b.atMs), faults };
  }
}

/** In which everything of a round begins. */
const roundMs = 1_200;

/** Mostly one, so that its recovery can be told from others. */
function faultsInRound(random: SeededRandom): number {
  const dice = random.next();
  if (dice < 0.6) return 1;
  return dice < 0.9 ? 2 : 3;
}

/** Most changes bring a device back, or there would soon be none left. */
function changeOf(random: SeededRandom, slots: PlanShape['slots']): DeviceAction {
  const slot = between(random, 0, slots.length - 1);
  const bad = (slots[slot]?.states ?? []).filter((state): state is SlotState => state !== 'well');
  const dice = random.next();
  if (bad.length === 0 || dice < 0.5) return { kind: 'change', slot, to: 'well' };
  const to = oneOf(random, bad);
  if (dice < 0.85) return { kind: 'change', slot, to };
  return { kind: 'flap', slot, to, times: between(random, 2, 6), everyMs: between(random, 5, 120) };
}
