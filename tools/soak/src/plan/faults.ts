// SPDX-License-Identifier: Apache-2.0
import type { RestartKind, SeededRandom } from '@kube-device-plugins/testkit';
import type { Fault } from './action.ts';
import { Deck } from './deck.ts';
import { between, oneOf } from './dice.ts';

/** Makes a fault, with what is chosen by chance of it. */
export type FaultMaker = (random: SeededRandom) => Fault;

/** Deals the faults of a run. */
export class FaultDealer {
  readonly #random: SeededRandom;
  readonly #ofPlugin: Deck<FaultMaker>;
  readonly #others: Deck<FaultMaker>;
  #cutsInARow = 0;

  constructor(random: SeededRandom, usesCdi: boolean) {
    this.#random = random;
    this.#ofPlugin = new Deck(pluginFaults, random);
    this.#others = new Deck(usesCdi ? [...otherFaults, fillCdiDisk] : otherFaults, random);
  }

  /** @param endsPlugin - one that ends the process of the plugin, or one that does not. */
  deal(endsPlugin: boolean): Fault {
    const fault = (endsPlugin ? this.#ofPlugin : this.#others).deal()(this.#random);
    if (fault.kind !== 'cut-streams') {
      if (bringsNewKubelet(fault)) this.#cutsInARow = 0;
      return fault;
    }
    this.#cutsInARow += 1;
    if (this.#cutsInARow <= maxCutsInARow) return fault;
    this.#cutsInARow = 0;
    return { kind: 'restart-kubelet', how: 'graceful', downMs: 0 };
  }
}

/**
 * A plugin waits longer with each stream that the same kubelet ends soon, 100 ms doubled up to 30 s, so as not to wear it down:
 * that is meant, and after more cuts than these it could not be back within the 5 s.
 */
const maxCutsInARow = 4;

function bringsNewKubelet({ kind }: Fault): boolean {
  return ['restart-kubelet', 'stall-kubelet', 'refuse-registration', 'kill-plugin', 'stop-plugin'].includes(kind);
}

const restartKinds: readonly RestartKind[] = [
  'graceful',
  'crash',
  'wipe-dir',
  'same-inode',
  'fast',
  'kubelet-sock-first',
  'twice-in-a-row',
];

/** Longer than the shortest pause between two tries, shorter than what would leave no time for recovery. */
const holdMs = (random: SeededRandom): number => between(random, 200, 1_500);

const pluginFaults: readonly FaultMaker[] = [
  (random) => ({ kind: 'kill-plugin', downMs: between(random, 0, 800) }),
  (random) => ({ kind: 'stop-plugin', downMs: between(random, 0, 800) }),
];

const fillCdiDisk: FaultMaker = (random) => ({ kind: 'fill-cdi-disk', holdMs: holdMs(random) });

const otherFaults: readonly FaultMaker[] = [
  ...restartKinds.map((how): FaultMaker => (random) => ({
    kind: 'restart-kubelet',
    how,
    downMs: between(random, 0, 800),
  })),
  () => ({ kind: 'cut-streams', how: 'cancel' }),
  () => ({ kind: 'cut-streams', how: 'reset' }),
  (random) => ({ kind: 'stall-kubelet', holdMs: holdMs(random) }),
  (random) => ({ kind: 'refuse-registration', holdMs: holdMs(random) }),
  (random) => ({ kind: 'crowd', connections: between(random, 5, 40), holdMs: holdMs(random) }),
  () => ({ kind: 'remove-sockets' }),
  (random) => ({ kind: 'freeze-plugin', holdMs: holdMs(random) }),
  (random) => ({ kind: 'jump-clock', byMs: oneOf(random, clockJumpsMs) }),
  (random) => ({ kind: 'jump-clock', byMs: -oneOf(random, clockJumpsMs) }),
  (random) => ({ kind: 'exhaust-files', spare: between(random, 0, 3), holdMs: holdMs(random) }),
  (random) => ({ kind: 'break-scan', holdMs: holdMs(random) }),
];

/** What NTP steps, a time zone that was taken for UTC, a battery that was empty. */
const clockJumpsMs = [1_500, 3_600_000, 86_400_000, 365 * 86_400_000];
