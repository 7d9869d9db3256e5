// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import type { ResourceState, Telemetry } from './telemetry.ts';

/** Whether the plugin does its work, and what is missing if not. */
export interface Readiness {
  readonly ready: boolean;
  /** One for each thing that was looked at: what, whether it is well, and why not. */
  readonly lines: readonly string[];
}

/**
 * Ready means that the plugin runs, that the kubelet listens to every resource and that the last scan is fresh. A node without devices is ready.
 *
 * @param nowMs - `performance.now()`.
 */
export function readiness(
  { plugin, outage, configProblem, resources, lastScan }: ReadinessOf,
  scanPeriodMs: number,
  nowMs: number,
): Readiness {
  const checks =
    outage === undefined
      ? [scanCheck(lastScan, scanPeriodMs, nowMs), ...[...resources].map(([name, state]) => resourceCheck(name, state))]
      : [{ what: 'plugin', problem: outage }];
  const prefix = plugin === undefined ? '' : `${plugin} `;
  const lines = checks.map(({ what, problem }) =>
    problem === undefined ? `ok ${prefix}${what}` : `not ready ${prefix}${what}: ${problem}`,
  );
  // No reason to stop a rollout: the pods that run would only lose what works.
  const notes = configProblem === undefined ? [] : [`ok ${prefix}configuration of before, for now ${configProblem}`];
  return { ready: checks.every(({ problem }) => problem === undefined), lines: [...lines, ...notes] };
}

type ReadinessOf = Pick<Telemetry, 'resources' | 'lastScan'> &
  Partial<Pick<Telemetry, 'plugin' | 'outage' | 'configProblem'>>;

interface Check {
  readonly what: string;
  readonly problem: string | undefined;
}

function scanCheck(lastScan: Telemetry['lastScan'], scanPeriodMs: number, nowMs: number): Check {
  const what = 'scan';
  if (lastScan === undefined) return { what, problem: 'the first scan has not ended yet' };
  if (lastScan.error !== undefined)
    return { what, problem: `the last scan failed, the list before it stays published: ${messageOf(lastScan.error)}` };
  const ageMs = nowMs - lastScan.finishedAtMs;
  if (ageMs > freshPeriods * scanPeriodMs)
    return {
      what,
      problem: `the last scan ended ${Math.round(ageMs / 1000)} s ago, but they are ${scanPeriodMs / 1000} s apart`,
    };
  return { what, problem: undefined };
}

/** A scan may be late by a slow host once or twice. */
const freshPeriods = 3;

function resourceCheck(name: string, state: ResourceState): Check {
  return { what: `${name} (${state.devices.size} devices)`, problem: resourceProblem(state) };
}

/** Why pods do not get this resource, in words for an administrator; undefined when they do. */
export function resourceProblem(state: ResourceState): string | undefined {
  if (state.problem !== undefined) return state.problem;
  if (!state.registered) return state.awaited ?? 'not registered with the kubelet yet';
  return state.streamOpen ? undefined : 'registered, but the kubelet has not opened its stream';
}
