// SPDX-License-Identifier: Apache-2.0
import type { HostFixture } from '@kube-device-plugins/testkit';
import type { MeterProcess } from './meter-process.ts';
import type { Metric } from './metric.ts';
import { PluginProcess } from './plugin-process.ts';
import type { Results } from './results.ts';
import type { SiteMaker } from './site.ts';
import type { Variant } from './variant.ts';

/** What every measurement works with. */
export interface Bench {
  readonly variants: readonly Variant[];
  readonly runs: number;
  readonly isQuick: boolean;
  readonly meter: MeterProcess;
  readonly sites: SiteMaker;
  readonly results: Results;
  /** Tells that something is being done, in a few words. */
  progress(text: string): void;
}

/** A part of the table, and how its figures come about. */
export interface Measurement {
  /** For `--only`. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** Adds a figure for each run and variant. What fails is remarked on instead; rejects when `signal` aborts. */
  run(bench: Bench, signal: AbortSignal): Promise<void>;
}

/** Devices of one process, unless the measurement is about their number. */
export const usualDevices = 4;

/** Starts a variant at a place of its own, to be stopped by the end of the caller's scope. */
export async function startPlugin(
  { meter, sites }: Bench,
  variant: Variant,
  signal: AbortSignal,
  devices = usualDevices,
): Promise<PluginProcess> {
  return await PluginProcess.start(variant, await sites.create({ devices }), meter, signal);
}

/** Those that are ours; the others are remarked on, for what is measured needs our signals or our plugins. */
export function ownOnly({ variants, results }: Bench, metrics: readonly Metric[]): readonly Variant[] {
  for (const variant of variants.filter(({ isOwn }) => !isOwn)) {
    results.remark(metrics, variant, 'not measured: ours alone');
  }
  return variants.filter(({ isOwn }) => isOwn);
}

/** How often something that takes long and wavers little is measured. */
export function fewRuns({ runs, isQuick }: Bench): number {
  return isQuick ? 1 : Math.min(runs, 5);
}

/** How often a plugin looks for devices before it counts as one that has run for long. */
export function warmUpScans({ isQuick }: Bench): number {
  return isQuick ? 10 : 30;
}

/** Starts one of our plugins on a host that is there already, to be stopped by the end of the caller's scope. */
export async function startOn(
  { meter, sites }: Bench,
  host: HostFixture,
  variant: Variant,
  signal: AbortSignal,
): Promise<PluginProcess> {
  return await PluginProcess.start(variant, await sites.createOn(host), meter, signal);
}

/**
 * Runs `once` for each variant in turn, as often as there are runs, so that what the machine does meanwhile hits all variants alike.
 * A variant that fails is left out from then on.
 */
export async function inTurns(
  bench: Bench,
  { name, metrics }: Measurement,
  variants: readonly Variant[],
  signal: AbortSignal,
  once: (variant: Variant) => Promise<void>,
): Promise<void> {
  let left = variants;
  for (let run = 1; run <= bench.runs; run += 1) {
    bench.progress(`${name} ${run}/${bench.runs}`);
    for (const variant of left) {
      const works = await attempt(bench, metrics, variant, signal, () => once(variant));
      if (!works) left = left.filter((other) => other !== variant);
    }
  }
}

/** Runs `task`; a failure is remarked on all metrics of the variant, and false. Rejects only when `signal` has aborted. */
export async function attempt(
  { results }: Bench,
  metrics: readonly Metric[],
  variant: Variant,
  signal: AbortSignal,
  task: () => Promise<void>,
): Promise<boolean> {
  try {
    await task();
    return true;
  } catch (error) {
    signal.throwIfAborted();
    results.fail(metrics, variant, error);
    return false;
  }
}
