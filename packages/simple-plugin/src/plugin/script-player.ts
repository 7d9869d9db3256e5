// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { log } from '@kube-device-plugins/core';
import { simulatedState, type SimulatedState } from '../device-tree/simulated-state.ts';
import { simulatedId, type SimulatedResource } from '../options/simulated-resource.ts';

/** Plays the scripts of simulated resources, each from the moment that its resource came into the configuration. */
export class ScriptPlayer {
  #plays = new Map<string, Play>();
  #signalsAtMs: number[] = [];

  /** Takes the resources that there are now. The script of one that has not changed goes on; that of another one begins. */
  setResources(resources: readonly SimulatedResource[], nowMs: number): void {
    const before = this.#plays;
    this.#plays = new Map(
      resources.map((resource) => {
        const known = before.get(resource.resourceName);
        const isSame = known !== undefined && isDeepStrictEqual(known.resource, resource);
        return [resource.resourceName, isSame ? known : { resource, startMs: nowMs, doneCount: 0 }];
      }),
    );
  }

  /** Has the steps that wait for the next signal come. */
  signal(nowMs: number): void {
    this.#signalsAtMs.push(nowMs);
  }

  /** The state of each resource, by its name. The steps that have come are told in the log. */
  states(nowMs: number): ReadonlyMap<string, SimulatedState> {
    const states = [...this.#plays.values()].map((play): [string, SimulatedState] => {
      const state = this.#stateOf(play, nowMs);
      for (const { action } of state.done.slice(play.doneCount)) {
        log.info('step of a script', { resource: play.resource.resourceName, ...action });
      }
      play.doneCount = state.done.length;
      return [play.resource.resourceName, state];
    });
    return new Map(states);
  }

  /** Milliseconds until a script has something to do, or undefined when none has. */
  waitMs(nowMs: number): number | undefined {
    const waits = [...this.#plays.values()].flatMap((play) => {
      const { nextChangeMs } = this.#stateOf(play, nowMs);
      return nextChangeMs === undefined ? [] : [play.startMs + nextChangeMs - nowMs];
    });
    return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
  }

  /** How long the allocation of these devices takes: as long as the slowest resource that has one of them. */
  allocateDelayMs(ids: readonly string[], nodeName: string, nowMs: number): number {
    const delays = [...this.#plays.values()].map((play) => {
      if (!play.resource.script.some(({ action }) => action.kind === 'slowAllocate')) return 0;
      const { allocateDelayMs, devices } = this.#stateOf(play, nowMs);
      if (allocateDelayMs === 0) return 0;
      const isAsked = [...devices.keys()].some((index) => ids.includes(simulatedId(play.resource, nodeName, index)));
      return isAsked ? allocateDelayMs : 0;
    });
    return Math.max(0, ...delays);
  }

  /** The same object as long as nothing has happened. */
  #stateOf(play: Play, nowMs: number): SimulatedState {
    const { resource, startMs, last } = play;
    const elapsedMs = nowMs - startMs;
    const signalsMs = this.#signalsAtMs.filter((atMs) => atMs >= startMs).map((atMs) => atMs - startMs);
    if (last?.signals === signalsMs.length && elapsedMs < (last.state.nextChangeMs ?? Infinity)) return last.state;
    const state = simulatedState(resource, elapsedMs, signalsMs);
    play.last = { state, signals: signalsMs.length };
    return state;
  }
}

interface Play {
  readonly resource: SimulatedResource;
  readonly startMs: number;
  /** Steps that are in the log. */
  doneCount: number;
  /** Holds until the next change is due or another signal comes. */
  last?: { readonly state: SimulatedState; readonly signals: number };
}
