// SPDX-License-Identifier: Apache-2.0
import type { ScriptAction, ScriptStep, Targets } from '../options/script.ts';
import type { SimulatedResource } from '../options/simulated-resource.ts';

/** What a script has made of the devices of a simulated resource at one moment. */
export interface SimulatedState {
  /** Why each device is unhealthy, by index, ascending; undefined for one that is healthy. */
  readonly devices: ReadonlyMap<number, string | undefined>;
  /** How long Allocate takes. */
  readonly allocateDelayMs: number;
  /** The steps that have happened, in their order. */
  readonly done: readonly ScriptStep[];
  /** When the next change is due, in milliseconds since the start; undefined when none is. */
  readonly nextChangeMs: number | undefined;
}

/**
 * Plays a script from its start to `elapsedMs`: the same times always give the same state.
 * Of steps at the same time the one that is listed first comes first. What is done to a device ends its flapping.
 *
 * @param signalsMs - when signals came since the start, ascending, in milliseconds.
 */
export function simulatedState(
  { numberDevicesOnNode, script }: Pick<SimulatedResource, 'numberDevicesOnNode' | 'script'>,
  elapsedMs: number,
  signalsMs: readonly number[],
): SimulatedState {
  const timed = timedSteps(script, signalsMs);
  const stage = new Stage(numberDevicesOnNode);
  const done = timed.filter(({ dueMs }) => dueMs <= elapsedMs);
  for (const { step, dueMs } of done) stage.play(step.action, dueMs);
  const changes = [...stage.flapChanges(elapsedMs), ...timed.slice(done.length).map(({ dueMs }) => dueMs)];
  return {
    devices: stage.devicesAt(elapsedMs),
    allocateDelayMs: stage.allocateDelayMs,
    done: done.map(({ step }) => step),
    nextChangeMs: changes.length === 0 ? undefined : Math.min(...changes),
  };
}

interface TimedStep {
  readonly step: ScriptStep;
  readonly dueMs: number;
}

/** The steps of which the time is known, in its order. */
function timedSteps(script: readonly ScriptStep[], signalsMs: readonly number[]): readonly TimedStep[] {
  return script
    .flatMap((step) => {
      const startMs = step.signal === 0 ? 0 : signalsMs[step.signal - 1];
      return startMs === undefined ? [] : [{ step, dueMs: startMs + step.atMs }];
    })
    .sort((a, b) => a.dueMs - b.dueMs);
}

interface Flap {
  readonly startMs: number;
  readonly endMs: number;
  /** From one change to the next. */
  readonly halfPeriodMs: number;
}

const failed = 'failed by its script';
const flapping = 'flapping by its script';

/** The devices while the steps of a script happen to them. */
class Stage {
  readonly #numberDevicesOnNode: number;
  readonly #problems = new Map<number, string | undefined>();
  readonly #flaps = new Map<number, Flap>();
  allocateDelayMs = 0;

  constructor(numberDevicesOnNode: number) {
    this.#numberDevicesOnNode = numberDevicesOnNode;
    for (let index = 0; index < numberDevicesOnNode; index += 1) this.#problems.set(index, undefined);
  }

  play(action: ScriptAction, startMs: number): void {
    if (action.kind === 'slowAllocate') {
      this.allocateDelayMs = action.delayMs;
      return;
    }
    const flap = action.kind === 'flap' ? toFlap(action, startMs) : undefined;
    const problem = action.kind === 'fail' ? action.reason || failed : undefined;
    for (const index of this.#indexes(action)) {
      this.#flaps.delete(index);
      if (action.kind === 'remove') this.#problems.delete(index);
      else if (action.kind === 'add' || this.#problems.has(index)) this.#problems.set(index, problem);
      if (flap !== undefined && this.#problems.has(index)) this.#flaps.set(index, flap);
    }
  }

  devicesAt(nowMs: number): ReadonlyMap<number, string | undefined> {
    const problemOf = (index: number, problem: string | undefined): string | undefined => {
      const flap = this.#flaps.get(index);
      return flap !== undefined && isDown(flap, nowMs) ? flapping : problem;
    };
    return new Map(
      [...this.#problems].sort(([a], [b]) => a - b).map(([index, problem]) => [index, problemOf(index, problem)]),
    );
  }

  /** When devices that flap together change next, for each such set. */
  flapChanges(nowMs: number): readonly number[] {
    return [...new Set(this.#flaps.values())]
      .filter(({ endMs }) => endMs > nowMs)
      .map(({ startMs, endMs, halfPeriodMs }) => {
        const changes = Math.floor((nowMs - startMs) / halfPeriodMs) + 1;
        return Math.min(endMs, startMs + changes * halfPeriodMs);
      });
  }

  #indexes(action: { readonly kind: string; readonly devices: Targets }): readonly number[] {
    if (action.devices !== 'all') return action.devices;
    return action.kind === 'add'
      ? Array.from({ length: this.#numberDevicesOnNode }, (_, index) => index)
      : [...this.#problems.keys()];
  }
}

function toFlap({ hz, forMs }: ScriptAction & { readonly kind: 'flap' }, startMs: number): Flap {
  return { startMs, endMs: startMs + forMs, halfPeriodMs: 500 / hz };
}

function isDown({ startMs, endMs, halfPeriodMs }: Flap, nowMs: number): boolean {
  return nowMs < endMs && Math.floor((nowMs - startMs) / halfPeriodMs) % 2 === 0;
}
