// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Stage } from './actions/performer.ts';
import type { Moment } from './invariants/invariant.ts';
import { cpuMs, openFiles, residentMiB } from './world/proc.ts';

/** Looks at everything that can be seen while it is quiet, in round `number`. Rejects when the run is over. */
export async function lookAround(
  number: number,
  stage: Stage,
  tell: (moment: Moment) => void,
  signal: AbortSignal,
): Promise<void> {
  // Before the collection of garbage, which takes time.
  if (number % idleEveryRounds === idleEveryRounds - 1)
    tell({ type: 'idled', cpuShare: await idleShare(stage.world.plugin.run.pid, signal) });
  await askForBadDevice(number, stage, tell);
  await tryPod(number, stage, tell);
  await measure(stage, tell, signal);
}

/** What the middle of several looks shows: runtimes clean up now and then. */
async function idleShare(pid: number, signal: AbortSignal): Promise<number> {
  const shares: number[] = [];
  while (shares.length < mostLooks && !shares.slice(-2).every((share, _, last) => last.length > 1 && share < quiet)) {
    const [before, startMs] = [cpuMs(pid), performance.now()];
    await delay(lookMs, undefined, { signal });
    shares.push((cpuMs(pid) - before) / (performance.now() - startMs));
  }
  return shares.slice(-2).every((share) => share < quiet) ? Math.max(...shares.slice(-2)) : middle(shares);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Asks as a kubelet does whose list is out of date; no pod gets the device. */
async function askForBadDevice(number: number, { world }: Stage, tell: (moment: Moment) => void): Promise<void> {
  const bad = world.truth.bad();
  const device = bad[number % bad.length];
  if (device === undefined) return;
  const isGiven = await world.kubelet.describeDevice(device.resource, device.id).then(
    () => true,
    () => false,
  );
  tell({ type: 'bad-device-asked', device: `${device.resource} ${device.id}`, isGiven });
}

async function tryPod(number: number, { world }: Stage, tell: (moment: Moment) => void): Promise<void> {
  const free = [...world.kubelet.resources().values()].find(({ devices }) =>
    devices.some(({ health, holder }) => health === 'Healthy' && holder === undefined),
  );
  if (free === undefined) return;
  const pod = `trial-${number}`;
  const refusal = await world.pods.admit(pod, { [free.resource]: 1 });
  world.pods.delete(pod);
  tell({ type: 'pod-tried', refusal });
}

async function measure(
  { world, resources, nowMs }: Stage,
  tell: (moment: Moment) => void,
  signal: AbortSignal,
): Promise<void> {
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
/** Below the limit by enough not to look again. */
const quiet = 0.05;
