// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from 'node:timers/promises';
import { log, type FlagValues } from '@kube-device-plugins/core';
import { LabelFile } from '../labels/label-file.ts';
import { labelRounds } from '../labels/label-rounds.ts';
import { fetchMetrics } from './fetch-metrics.ts';
import { linkLabels, tileLinks } from './tile-links.ts';
import type { xpumanagerFlags } from './xpumanager-flags.ts';

/** Keeps the labels of links right until `signal` aborts, and takes them back then. While there are no metrics they stay as they were. */
export async function runXpumanagerLabels(
  flags: FlagValues<typeof xpumanagerFlags>,
  signal: AbortSignal,
): Promise<void> {
  const file = new LabelFile(flags['dst-file-path'], flags['tmp-dir-prefix']);
  const place = { port: flags['xpum-port'], certFile: flags.cert };
  const options = { minLanes: flags['lane-count'], allowSubdeviceless: flags['allow-subdeviceless-links'] };
  log.v(1).info('waiting for XPU Manager to start', { seconds: flags['startup-delay'] });
  // XPU Manager takes its time to start, and labels of no links would be gone and back.
  await setTimeout(flags['startup-delay'] * 1_000, undefined, { signal }).catch(() => undefined);
  await labelRounds(file, { everyMs: flags.interval * 1_000, watch: [] }, signal, async () =>
    linkLabels(tileLinks(await fetchMetrics(place, signal), options), flags['label-namespace']),
  );
}
