// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Stage } from './actions/performer.ts';
import type { Moment } from './invariants/invariant.ts';
import { cpuMs, openFiles, residentMiB } from './world/proc.ts';

/** What {@link lookAround} looks at. */
export interface Quiet {
  /** Of the round. */
  readonly number: number;
  /** When it became quiet, as performance.now() tells. */
  readonly quietSinceMs: number;
  readonly stage: Stage;
  readonly tell: (moment: Moment) => void;
  readonly signal: AbortSignal;
}

/** Looks at everything that can be seen while it is quiet. Rejects when the run is over. */
export async function lookAround(quiet: Quiet): Promise<void> {
  const { number, stage, tell, signal } = quiet;
  // Before the collection of garbage, which takes time.
  if (number % idleEveryRounds === idleEveryRounds - 1)
    tell({ type: 'idled', cpuShare: await idleShare(stage.world.plugin.run.pid, signal) });
  await askForBadDevice(quiet);
  await tryPod(quiet);
  await measure(quiet);
}

/** What the middle of several looks shows: runtimes clean up now and then. */
async function idleShare(pid: number, signal: AbortSignal): Promise<number> {
  const shares: number[] = [];
  const isIdle = (): boolean => shares.length > 1 && shares.slice(-2).every((share) => share < idle);
  while (shares.length < mostLooks && !isIdle()) {
    const [before, startMs] = [cpuMs(pid), performance.now()];
    await delay(lookMs, undefined, { signal });
    shares.push((cpuMs(pid) - before) / (performance.now() - startMs));
  }
  return isIdle() ? Math.max(...shares.slice(-2)) : middle(shares);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Asks as a kubelet does whose list is out of date; no pod gets the device. */
async function askForBadDevice({ number, stage: { world }, tell }: Quiet): Promise<void> {
  const bad = world.truth.bad();
  const device = bad[number % bad.length];
  if (device === undefined) return;
  const isGiven = await world.kubelet.describeDevice(device.resource, device.id).then(
    () => true,
    () => false,
  );
  tell({ type: 'bad-device-asked', device: `${device.resource} ${device.id}`, isGiven });
}

/** A fault may have come to an end that the plugin has not dealt with yet; it has as long as for everything else. */
async function tryPod({ number, quietSinceMs, stage: { world, limits }, tell, signal }: Quiet): Promise<void> {
  const free = [...world.kubelet.resources().values()].find(({ devices }) =>
    devices.some(({ health, holder }) => health === 'Healthy' && holder === undefined),
  );
  if (free === undefined) return;
  const pod = `trial-${number}`;
  const tried = async (): Promise<string | undefined> => {
    const refusal = await world.pods.admit(pod, { [free.resource]: 1 });
    world.pods.delete(pod);
    return refusal;
  };
  let refusal = await tried();
  while (refusal !== undefined && performance.now() - quietSinceMs < limits.quietMs) {
    await delay(retryMs, undefined, { signal });
    refusal = await tried();
  }
  tell({ type: 'pod-tried', refusal });
}

async function measure({ stage: { world, resources, nowMs }, tell, signal }: Quiet): Promise<void> {
  const { run, life } = world.plugin;
  const { heapBytes, handles } = await run.measure(signal);
  tell({
    type: 'measured',
    life,
    atMs: nowMs(),
    openFiles: openFiles(run.pid).length,
    handles,
    heapMiB: heapBytes / 2 ** 20,
    rssMiB: residentMiB(run.pid),
    sockets: world.plugin.sockets(),
    socketsAllowed: resources.length + world.plugin.orphans().length,
  });
}

const idleEveryRounds = 4;
const lookMs = 500;
const mostLooks = 5;
const retryMs = 100;
/** Below the limit by enough not to look again. */
const idle = 0.05;
